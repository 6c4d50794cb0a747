/** The REST API over a Unix socket, its server and its client. */
package dev.outboard.integration.rest;
