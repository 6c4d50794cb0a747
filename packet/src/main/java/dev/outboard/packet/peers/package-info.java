/**
 * Who is at the other end of a tunnel: endpoints as users write them, and, for transports that
 * carry frames in VXLAN, numbers for them.
 */
package dev.outboard.packet.peers;
