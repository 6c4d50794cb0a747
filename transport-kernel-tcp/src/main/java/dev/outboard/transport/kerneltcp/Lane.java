package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.Errno;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Mapping;
import dev.outboard.spi.FrameBurst;
import dev.outboard.transport.kerneltcp.pool.Lease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;

/**
 * The way of some flows of one worker to one peer: one connection, or none while the next one is
 * made. The worker's; hot.
 *
 * <p>Theory of operation. A flow has always the same lane, so TCP keeps its order. The kernel may
 * take a frame in part; the rest is copied here and leaves before anything else. While a connection
 * is made frames are refused, and dropped when the peer turns out not to answer. Frames that were
 * sent and not acknowledged when a connection ends count as lost: some of them may have arrived,
 * more are not missing.
 */
final class Lane implements Sockets.Owner {
  private static final int ROOM = Wire.HEADER + Wire.MOST_FRAME;

  /** A lane that is full for longer drops, so that it holds nobody else up. */
  private static final long PATIENCE_NANOS = 100_000;

  /** The same, of one whose connection is being made. */
  private static final long CONNECTING_NANOS = 50_000_000;

  /** Why a lane lets its connection go. */
  enum End {
    /** It is over. The lane wants another. */
    BROKEN,
    /** Frames have not come for a while. The lane will say when they do. */
    UNUSED,
    /** The lane itself is closed. */
    CLOSED
  }

  /** Whom the lane tells what it wants; the worker, and the control thread when it is closed. */
  interface Wishes {
    void ended(Lease<Trunk> lease, End why);

    /** Frames have come, and there is no connection for them any more. */
    void wanted();
  }

  private final Sockets sockets;
  private final Drops drops;
  private final Wishes wishes;
  private final MemorySegment rest;
  private int restStart;
  private int restEnd;

  /** The rest of a frame was not copied to its end: guest memory has gone. */
  private boolean copying;

  /** Complete when it is known whether the peer answers; the loop completes it. */
  final CompletableFuture<Void> settled = new CompletableFuture<>();

  private Lease<Trunk> lease;
  private Trunk trunk;
  private int number;
  private boolean isDown;
  private long fullSince;

  /** It has given its connection back, and has not asked for one since. */
  private boolean resting;

  /** What was sent when {@link #restIfUnused} last looked. */
  private long sentBefore;

  Lane(Sockets sockets, Drops drops, Wishes wishes) throws LinuxException {
    this.sockets = sockets;
    this.drops = drops;
    this.wishes = wishes;
    rest = Mapping.mapAnonymous(ROOM, Arena.ofAuto());
  }

  /** It asks for no connection before there is a frame for it. Before it is used. */
  void startResting() {
    resting = true;
    boolean _ = settled.complete(null);
  }

  /** Whether it has a connection. */
  boolean isUp() {
    return trunk != null;
  }

  /** Gets a connection. */
  void attach(Lease<Trunk> next) {
    Trunk connection = next.connection();
    try {
      number = sockets.add(connection.fd(), this);
    } catch (LinuxException e) {
      drops.connections.cutBroken.increment();
      wishes.ended(next, End.BROKEN);
      return;
    }
    lease = next;
    trunk = connection;
    isDown = false;
    fullSince = 0;
    resting = false;
    sentBefore = -1;
  }

  /** Gives the connection back if nothing was sent by it since the last call. */
  void restIfUnused() {
    if (trunk == null || !flush()) {
      return;
    }
    if (!trunk.readAnswers()) {
      cut(0);
    } else if (trunk.sent != sentBefore || trunk.acknowledged != trunk.sent) {
      sentBefore = trunk.sent;
    } else {
      resting = true;
      fullSince = 0;
      let(End.UNUSED);
    }
  }

  /** The other end of a connection has hung up, which is perhaps not this lane's any more. */
  void hungUp(Trunk which) {
    if (trunk == which) {
      cut(0);
    }
  }

  /** The peer does not answer: what comes for it is dropped. */
  void down() {
    isDown = trunk == null;
  }

  /** The peer is there again: what comes for it waits a little. */
  void back() {
    isDown = false;
    fullSince = 0;
  }

  private void forgetRest() {
    restStart = 0;
    restEnd = 0;
    copying = false;
  }

  @Override
  public void ready(int events) {
    if (trunk != null && (events & ~Epoll.OUT) != 0 && !trunk.readAnswers()) {
      cut(0);
    }
    if (trunk != null) {
      boolean _ = flush();
    }
  }

  /** Sends what is left over; whether nothing is left and there is a connection. */
  boolean flush() {
    if (copying) {
      cut(0);
    }
    while (trunk != null && restStart < restEnd) {
      long sent = trunk.stream.send(rest, restStart, (long) restEnd - restStart);
      if (sent > 0) {
        restStart += (int) sent;
      } else if (sent == -Errno.EAGAIN || sent == -Errno.EINTR) {
        return false;
      } else {
        cut((int) -sent);
      }
    }
    if (trunk == null) {
      return false;
    }
    restStart = 0;
    restEnd = 0;
    long waiting = trunk.stream.flush();
    if (waiting < 0 && waiting != -Errno.EAGAIN) {
      cut((int) -waiting);
    }
    return waiting == 0;
  }

  /** Whether frames must be copied here; if not, they are sent by messages from where they lie. */
  boolean copies() {
    return trunk.stream.copies();
  }

  /** Whether a frame of so many bytes can be copied behind the others. */
  boolean hasRoom(int bytes) {
    return rest.byteSize() - restEnd >= Wire.HEADER + bytes;
  }

  /** Copies a frame here, to leave by {@link #flush}. */
  void copy(FrameBurst burst, int frame) {
    append(burst, frame);
    fullSince = 0;
    trunk.sent++;
  }

  /**
   * Sends a message of frames: bytes that were taken; 0 if it is full; less if the connection is
   * over, or the frames are in memory that is gone (-EFAULT).
   */
  long send(long message) {
    long sent = trunk.stream.socket().send(message);
    if (sent > 0) {
      fullSince = 0;
      return sent;
    }
    if (sent == -Errno.EAGAIN || sent == -Errno.EINTR || sent == -Errno.ENOBUFS) {
      return 0;
    }
    if (sent != -Errno.EFAULT) {
      cut((int) -sent);
    }
    return sent;
  }

  /** Counts frames that the connection has taken, in part or whole. */
  void countSent(int frames) {
    trunk.sent += frames;
  }

  /** Keeps what the kernel has not taken of a frame, of which it has taken so many bytes. */
  void keepRest(FrameBurst burst, int frame, int taken) {
    copying = true;
    restEnd = 0;
    restStart = taken;
    append(burst, frame);
    copying = false;
  }

  private void append(FrameBurst burst, int frame) {
    int at = restEnd;
    Wire.writeHeader(rest, at, burst, frame);
    at += Wire.HEADER;
    int end = burst.firstFragment(frame + 1);
    for (int f = burst.firstFragment(frame); f < end; f++) {
      int length = burst.fragmentLength(f);
      MemorySegment.copy(burst.segment(f), burst.offset(f), rest, at, length);
      at += length;
    }
    restEnd = at;
  }

  /**
   * Whether a frame that is refused now must be dropped: the lane is full for too long, or down.
   */
  boolean dropsRefused() {
    if (resting) {
      resting = false;
      wishes.wanted();
    }
    if (trunk == null && isDown) {
      drops.unreachable.add(1);
      return true;
    }
    long now = System.nanoTime();
    if (fullSince == 0) {
      fullSince = now;
    }
    if (now - fullSince < (trunk == null ? CONNECTING_NANOS : PATIENCE_NANOS)) {
      return false;
    }
    (trunk == null ? drops.unreachable : drops.socketFull).add(1);
    return true;
  }

  /** The connection is over. */
  private void cut(int errno) {
    boolean _ = trunk.readAnswers();
    LongAdder why =
        errno == Errno.ETIMEDOUT ? drops.connections.cutStalled : drops.connections.cutBroken;
    why.increment();
    drops.lostInFlight.add(trunk.sent - trunk.acknowledged);
    let(End.BROKEN);
    forgetRest();
    fullSince = 0;
  }

  private void let(End why) {
    Lease<Trunk> over = lease;
    sockets.remove(trunk.fd(), number);
    lease = null;
    trunk = null;
    wishes.ended(over, why);
  }

  /** It is not used any more. The worker, or the control thread when the port is unbound. */
  void close() {
    if (trunk != null) {
      let(restStart == restEnd && trunk.stream.flush() == 0 ? End.CLOSED : End.BROKEN);
    }
    forgetRest();
  }
}
