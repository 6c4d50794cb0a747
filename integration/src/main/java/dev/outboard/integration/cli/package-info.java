/** The commands of {@code outboard}. Nothing here is called by other rooms. */
package dev.outboard.integration.cli;
