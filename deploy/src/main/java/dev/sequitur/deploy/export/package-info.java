/** Results of a topic as files, for analysis elsewhere. */
package dev.sequitur.deploy.export;
