/** The running daemon: Guice wiring, the start and the end of its life. */
package dev.outboard.integration.daemon;
