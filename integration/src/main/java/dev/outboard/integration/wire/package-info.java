/** What the API sends and takes, as records; shared by server, client and configuration. */
package dev.outboard.integration.wire;
