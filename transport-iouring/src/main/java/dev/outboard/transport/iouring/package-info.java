/**
 * The {@code iouring} transport: frames of all guests in VXLAN (RFC 7348) over UDP, to peers on
 * other hosts. The control thread calls {@link dev.outboard.transport.iouring.IoUringProvider}, the
 * transport and its next hops; each worker calls its own port, and nothing else.
 *
 * <pre>
 *   worker --> VxlanPort --+-- Sender   --> io_uring --> sending sockets (one per source port)
 *                          +-- Receiver <-- io_uring <-- receiving socket (the port is shared)
 *                                 |
 *                             NextHops: who sent it
 * </pre>
 */
package dev.outboard.transport.iouring;
