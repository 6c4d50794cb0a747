/**
 * Other machines by ssh: an API's Unix socket is reached by a forward, so that no API ever listens
 * on a network. {@code SshForward} is all that others use.
 */
package dev.outboard.integration.ssh;
