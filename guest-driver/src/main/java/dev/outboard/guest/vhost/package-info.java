/** The VMM's end of the vhost-user protocol, in three layers: bytes, messages, typed requests. */
package dev.outboard.guest.vhost;
