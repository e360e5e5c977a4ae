/** The JSON API of a running application: questions about its entities, and its live feed. */
package dev.sequitur.deploy.api;
