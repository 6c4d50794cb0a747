/**
 * The vhost-user protocol, device ("back-end") side: one session per connection of a VMM. All of it
 * runs on the control thread and never blocks; a VMM that sends half a message, lies, or stops
 * reading harms its own session only.
 *
 * <p>Protocol: the vhost-user specification of the QEMU project. Numbers are little-endian.
 */
package dev.outboard.engine.vhostuser;
