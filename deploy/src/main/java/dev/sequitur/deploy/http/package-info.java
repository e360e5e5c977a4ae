/** What an application shows over HTTP: its health and its metrics. */
package dev.sequitur.deploy.http;
