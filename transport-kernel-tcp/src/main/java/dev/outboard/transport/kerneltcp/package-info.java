/**
 * The {@code kernel-tcp} transport: frames of all guests over TCP connections between sidecars, in
 * a framing of our own ({@code docs/kernel-tcp.md}). No privilege is needed.
 *
 * <pre>
 *   control thread --> KernelTcpTransport --> ControlLoop (own thread): Listener, Handshake,
 *                                                 |        ConnectionPool of each Peer
 *                                              Mailbox
 *                                                 |
 *   worker ----------> TrunkPort --+-- Sender   --> Lane: one connection for some flows to a peer
 *                                  +-- Receiver <-- Inbound: one connection from a peer
 * </pre>
 *
 * <p>A connection carries frames one way only, from whom has opened it; the other way go
 * acknowledgements. Its socket belongs to the loop while it is opened and while it is idle, and to
 * one worker while it is in use.
 */
package dev.outboard.transport.kerneltcp;
