package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.TcpSocket;
import java.lang.foreign.MemorySegment;

/**
 * The bytes of a connection, as its ends mean them: what the socket carries, or what TLS makes of
 * that. No call waits or throws. One thread at a time: the loop's, then that of the worker that has
 * the connection; hot.
 */
interface TrunkStream extends AutoCloseable {
  /** What carries the bytes, to watch it and to ask about its peer. */
  TcpSocket socket();

  /**
   * Whether bytes must be given to {@link #send}; else the socket takes them from where they lie.
   */
  boolean copies();

  /**
   * Bytes that were taken, or a negated error number. What is taken leaves at once, or by flush.
   */
  long send(MemorySegment from, long at, long length);

  /** Sends what was taken and waits: 0 if nothing does any more, or a negated error number. */
  long flush();

  /**
   * Bytes received, 0 at the end, or a negated error number. If there are fewer than asked for, no
   * more have come.
   */
  long receive(MemorySegment into, long at, long length);

  /** Whether bytes have come that nothing tells of but {@link #receive}. */
  boolean isBuffered();

  /** Says that nothing more will be sent. */
  void shutdownOutput();

  /** In words, why it failed with {@code EBADMSG}. */
  String problem();

  @Override
  void close();
}
