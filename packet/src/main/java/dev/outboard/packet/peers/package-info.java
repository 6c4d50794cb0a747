/**
 * Who is at the other end of a tunnel: endpoints as users write them, and numbers for them. For
 * transports that carry frames in VXLAN.
 */
package dev.outboard.packet.peers;
