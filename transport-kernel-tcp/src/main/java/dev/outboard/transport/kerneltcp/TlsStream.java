package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.Errno;
import dev.outboard.linux.Io;
import dev.outboard.linux.TcpSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * A connection by TLS 1.3 (RFC 8446), whose records the JDK's engine makes and takes apart.
 *
 * <pre>
 *   frames  --copy-->  plainOut  --engine-->  cipherOut  --copy-->  outgoing  -->  socket
 *   frames  <--copy--  plainIn   <--engine--  cipherIn   <--copy--  incoming  <--  socket
 * </pre>
 *
 * <p>Theory of operation. The engine is fastest on arrays, and the kernel wants native memory,
 * hence the copies; beside the ciphers they cost little. What it allocates for each record is
 * garbage at once. Whatever was encrypted must leave before anything else is, so at most one record
 * waits, and what the engine itself has to say (new keys) finds room behind it. An end that the
 * peer has not announced may be somebody else's doing: it is an error, not an end.
 */
final class TlsStream implements TrunkStream {
  /** How far shaking hands has come. */
  enum Progress {
    DONE,
    WANTS_INPUT,
    WANTS_ROOM
  }

  /** A little less than a record's 16,384: the engine makes two of those that are full. */
  private static final int MOST_PLAIN = 16_320;

  private static final int RECORDS_IN = 4;
  private static final int RECORDS_OUT = 4;

  /** A peer that says nothing so many times in a row wastes our time. */
  private static final int MOST_EMPTY = 32;

  private final TcpSocket socket;
  private final SSLEngine engine;
  private final int record;
  private final ByteBuffer plainOut = ByteBuffer.allocate(MOST_PLAIN);
  private final ByteBuffer cipherOut;
  private final MemorySegment outgoing;
  private int outgoingStart;
  private int outgoingEnd;
  private final MemorySegment incoming;
  private final ByteBuffer cipherIn;
  private final ByteBuffer plainIn;
  private int empty;

  /** A negated error number that every call has from now on, or 0. */
  private long failure;

  private String problem = "";

  /** What the engine threw. */
  private SSLException thrown;

  private boolean begun;
  private boolean hungUp;

  TlsStream(TcpSocket socket, SSLEngine engine) {
    this.socket = socket;
    this.engine = engine;
    record = engine.getSession().getPacketBufferSize();
    cipherOut = ByteBuffer.allocate(record);
    outgoing = Arena.ofAuto().allocate((long) RECORDS_OUT * record);
    incoming = Arena.ofAuto().allocate((long) RECORDS_IN * record);
    cipherIn = ByteBuffer.allocate(RECORDS_IN * record).limit(0);
    plainIn = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).limit(0);
  }

  @Override
  public TcpSocket socket() {
    return socket;
  }

  SSLSession session() {
    return engine.getSession();
  }

  @Override
  public boolean copies() {
    return true;
  }

  /** Whether the peer has gone without a word about it. */
  boolean isHungUp() {
    return hungUp;
  }

  /** Goes on with the handshake as far as it can; the loop. */
  Progress shake() throws SSLException {
    if (!begun) {
      begun = true;
      engine.beginHandshake();
    }
    while (true) {
      long waiting = flush();
      if (waiting == -Errno.EAGAIN) {
        return Progress.WANTS_ROOM;
      }
      if (waiting < 0) {
        throw ended();
      }
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> wrap(0);
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          long got = unwrap();
          if (got == -Errno.EAGAIN) {
            return Progress.WANTS_INPUT;
          }
          if (got <= 0) {
            throw ended();
          }
        }
        case FINISHED, NOT_HANDSHAKING -> {
          return Progress.DONE;
        }
      }
    }
  }

  private SSLException ended() {
    if (thrown != null) {
      return thrown;
    }
    hungUp = true;
    return new SSLException("it hung up");
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask(); task != null; ) {
      task.run();
      task = engine.getDelegatedTask();
    }
  }

  @Override
  public long send(MemorySegment from, long at, long length) {
    long taken = 0;
    while (taken < length) {
      long waiting = flush();
      if (waiting < 0) {
        return taken > 0 ? taken : waiting;
      }
      int bytes = (int) Math.min(MOST_PLAIN, length - taken);
      MemorySegment.copy(from, ValueLayout.JAVA_BYTE, at + taken, plainOut.array(), 0, bytes);
      wrap(bytes);
      taken += bytes;
    }
    long _ = flush();
    return taken;
  }

  /** Encrypts so many bytes, behind what the engine itself has to say. */
  private void wrap(int bytes) {
    plainOut.clear().limit(bytes);
    try {
      do {
        cipherOut.clear();
        SSLEngineResult result = engine.wrap(plainOut, cipherOut);
        if (outgoing.byteSize() - outgoingEnd < cipherOut.position()) {
          fail("too much to say");
        } else if (result.getStatus() == Status.OK) {
          append();
        } else if (result.getStatus() == Status.CLOSED) {
          append();
          fail("it is closed");
        }
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
          runTasks();
        }
      } while (plainOut.hasRemaining() && failure == 0);
    } catch (SSLException e) {
      thrown = e;
      fail(e.getMessage());
    }
  }

  private void append() {
    int bytes = cipherOut.position();
    MemorySegment.copy(cipherOut.array(), 0, outgoing, ValueLayout.JAVA_BYTE, outgoingEnd, bytes);
    outgoingEnd += bytes;
  }

  private void fail(String why) {
    failure = -Errno.EBADMSG;
    problem = why;
  }

  @Override
  public long flush() {
    while (outgoingStart < outgoingEnd) {
      long sent =
          Io.send(
              socket.fd(), outgoing.address() + outgoingStart, (long) outgoingEnd - outgoingStart);
      if (sent > 0) {
        outgoingStart += (int) sent;
      } else if (sent == -Errno.EAGAIN || sent == -Errno.EINTR || sent == -Errno.ENOBUFS) {
        return -Errno.EAGAIN;
      } else {
        outgoingStart = outgoingEnd;
        failure = sent;
      }
    }
    outgoingStart = 0;
    outgoingEnd = 0;
    return failure;
  }

  @Override
  public long receive(MemorySegment into, long at, long length) {
    long taken = 0;
    while (taken < length) {
      if (!plainIn.hasRemaining()) {
        long got = unwrap();
        if (got <= 0) {
          return taken > 0 ? taken : got;
        }
      }
      int bytes = (int) Math.min(plainIn.remaining(), length - taken);
      MemorySegment.copy(
          plainIn.array(), plainIn.position(), into, ValueLayout.JAVA_BYTE, at + taken, bytes);
      plainIn.position(plainIn.position() + bytes);
      taken += bytes;
    }
    return taken;
  }

  /** Decrypts a record, which may be empty: 1; 0 at the end, or a negated error number. */
  private long unwrap() {
    while (failure == 0) {
      try {
        plainIn.clear();
        SSLEngineResult result = engine.unwrap(cipherIn, plainIn);
        plainIn.flip();
        switch (result.getStatus()) {
          case OK -> {
            attendTo(result);
            return failure == 0 ? 1 : failure;
          }
          case CLOSED -> {
            return 0;
          }
          case BUFFER_UNDERFLOW -> {
            long got = fill();
            if (got <= 0) {
              return got == 0 ? -Errno.ECONNRESET : got;
            }
          }
          case BUFFER_OVERFLOW -> fail("a record is too long");
        }
      } catch (SSLException e) {
        plainIn.limit(0);
        thrown = e;
        fail(e.getMessage());
        sayWhy();
      }
    }
    return failure;
  }

  /** The engine may have something to do, or to answer. */
  private void attendTo(SSLEngineResult result) {
    empty = result.bytesProduced() > 0 ? 0 : empty + 1;
    if (empty > MOST_EMPTY) {
      fail("it sends nothing, again and again");
    }
    if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
      runTasks();
    }
    if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      wrap(0);
      long _ = flush();
    }
  }

  /** Tells the peer what was wrong, if the engine has a word for it. */
  private void sayWhy() {
    SSLException why = thrown;
    if (!engine.isOutboundDone()) {
      wrap(0);
      long _ = flush();
    }
    thrown = why;
    fail(why.getMessage());
  }

  private long fill() {
    cipherIn.compact();
    long got =
        socket.receive(
            incoming.address(), Math.min(incoming.byteSize(), (long) cipherIn.remaining()));
    if (got > 0) {
      int at = cipherIn.position();
      MemorySegment.copy(incoming, ValueLayout.JAVA_BYTE, 0, cipherIn.array(), at, (int) got);
      cipherIn.position(at + (int) got);
    }
    cipherIn.flip();
    return got == -Errno.EINTR ? -Errno.EAGAIN : got;
  }

  @Override
  public boolean isBuffered() {
    return plainIn.hasRemaining() || cipherIn.hasRemaining();
  }

  @Override
  public void shutdownOutput() {
    engine.closeOutbound();
    if (failure == 0) {
      wrap(0);
      long _ = flush();
    }
    socket.shutdownOutput();
  }

  @Override
  public String problem() {
    return problem;
  }

  @Override
  public void close() {
    socket.close();
  }
}
