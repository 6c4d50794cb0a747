/**
 * {@code ./outboard bench rest}: what calls of the API do to frames. {@link RestCommand} is the way
 * in.
 */
package dev.outboard.bench.rest;
