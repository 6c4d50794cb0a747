package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.Errno;
import dev.outboard.packet.peers.Endpoint;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Peers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.LongAdder;

/**
 * A connection that a peer sends frames by. The worker's; hot.
 *
 * <pre>
 *   buffer   ... | H frame | H frame | H fra           | free
 *              start                       end
 * </pre>
 *
 * <p>Theory of operation. Frames are yielded where they lie, so between a receive that has yielded
 * some and the release only bytes behind {@code end} are written. Each frame is taken when it is
 * yielded or dropped; how many were is acknowledged now and then, so that the other side knows what
 * is lost if the connection ends.
 */
final class Inbound implements Sockets.Owner {
  /** A frame of the largest size, and as much again. */
  static final int BUFFER = 256 * 1024;

  private static final int LOW = Wire.HEADER + Wire.MOST_FRAME;
  private static final int FRAMES_UNTIL_ACKNOWLEDGED = 64;

  private final Receiver receiver;
  private final Drops drops;
  private final TrunkStream stream;
  private final Endpoint peer;
  private final MemorySegment memory;
  private final int region;
  private final long base;
  final int slot;
  int number;

  private int start;
  private int end;
  private long frames;
  private long acknowledged;

  private final MemorySegment answer = Arena.ofAuto().allocate(Wire.ACKNOWLEDGEMENT);
  private int answerLeft;

  /** It is among those that may have something. */
  boolean isListed;

  /** It has taken frames that it will acknowledge before the next sleep. */
  boolean isOwing;

  /** The current burst has frames that lie here. */
  boolean isUsed;

  /** The last read brought all that there was. */
  private boolean isDrained;

  private boolean isHungUp;
  private boolean isClosed;
  private long framesWhenStuck;
  private long stuckSince;

  Inbound(Receiver receiver, Drops drops, TrunkStream stream, Endpoint peer, int slot) {
    this.receiver = receiver;
    this.drops = drops;
    this.stream = stream;
    this.peer = peer;
    this.slot = slot;
    memory = receiver.memory();
    region = receiver.region();
    base = (long) slot * BUFFER;
  }

  int fd() {
    return stream.socket().fd();
  }

  boolean isClosed() {
    return isClosed;
  }

  @Override
  public void ready(int events) {
    isHungUp |= (events & (Epoll.RDHUP | Epoll.HUP | Epoll.ERR)) != 0;
    if (answerLeft > 0) {
      sendAnswer();
    } else {
      long _ = stream.flush();
    }
    if ((events & ~Epoll.OUT) != 0) {
      isDrained = false;
      receiver.list(this);
    }
  }

  /**
   * Adds frames to a burst that has {@code count} of them already, until it has {@code limit};
   * returns how many it has then. What is left stays listed.
   */
  int take(FrameBurst into, int count, int limit, Peers<Endpoint> peers) {
    int frame = count;
    while (frame < limit && into.fragmentRoom() > 0) {
      int length = end - start >= Wire.HEADER ? Wire.length(memory, base + start) : 0;
      if (length < 0) {
        cut(drops.connections.cutGarbage);
        return frame;
      }
      if (length == 0 || end - start < Wire.HEADER + length) {
        if (!read()) {
          return frame;
        }
      } else if (takeOne(into, frame, length, peers)) {
        frame++;
      }
    }
    receiver.list(this);
    return frame;
  }

  private boolean takeOne(FrameBurst into, int frame, int length, Peers<Endpoint> peers) {
    long at = base + start;
    start += Wire.HEADER + length;
    frames++;
    if (frames - acknowledged >= FRAMES_UNTIL_ACKNOWLEDGED) {
      acknowledge();
    } else {
      receiver.owes(this);
    }
    int network = Wire.network(memory, at);
    int hop = peers.number(network, peer);
    if (hop == Peers.NONE) {
      drops.notAPeer.add(1);
      return false;
    }
    long fields = Wire.offload(memory, at);
    int checksumOffset = Wire.checksumOffset(memory, at);
    if (!Wire.areOffloadsValid(fields, checksumOffset, length)) {
      drops.badOffload.add(1);
      return false;
    }
    into.addFragment(region, at + Wire.HEADER, length);
    into.endFrame(network, length, fields, checksumOffset);
    into.setRoute(frame, hop, 0);
    receiver.uses(this);
    return true;
  }

  /** Whether more bytes have come. If not, it is unlisted, unless it only has no room. */
  private boolean read() {
    if (isDrained && !isHungUp) {
      return false;
    }
    if (!isUsed) {
      makeRoom();
    }
    int room = BUFFER - end;
    if (room == 0) {
      receiver.list(this);
      return false;
    }
    long got = stream.receive(memory, base + end, room);
    if (got > 0) {
      end += (int) got;
      isDrained = got < room;
      return true;
    }
    if (got == 0) {
      cut(start < end ? drops.connections.cutTruncated : null);
    } else if (got != -Errno.EAGAIN && got != -Errno.EINTR) {
      cut(got == -Errno.ETIMEDOUT ? drops.connections.cutStalled : drops.connections.cutBroken);
    } else {
      isDrained = true;
      isHungUp = false;
    }
    return false;
  }

  private void makeRoom() {
    if (start == end) {
      start = 0;
      end = 0;
    } else if (BUFFER - start < LOW || end == BUFFER) {
      MemorySegment.copy(memory, base + start, memory, base, end - start);
      end -= start;
      start = 0;
    }
  }

  /** Says how many frames were taken. Hot. */
  void acknowledge() {
    if (!isClosed && answerLeft == 0 && frames > acknowledged) {
      Wire.writeAcknowledgement(answer, frames);
      acknowledged = frames;
      answerLeft = Wire.ACKNOWLEDGEMENT;
      sendAnswer();
    }
  }

  /** What the socket has no room for leaves later; what can't be sent ends by the next read. */
  private void sendAnswer() {
    long sent = stream.send(answer, (long) Wire.ACKNOWLEDGEMENT - answerLeft, answerLeft);
    if (sent > 0) {
      answerLeft -= (int) sent;
    }
  }

  /** Cuts it if a frame was begun, and did not go on, for so long. */
  void checkStalled(long now, long nanos) {
    if (start == end || isListed) {
      stuckSince = 0;
    } else if (stuckSince == 0 || framesWhenStuck != frames) {
      stuckSince = now;
      framesWhenStuck = frames;
    } else if (now - stuckSince >= nanos) {
      cut(drops.connections.cutStalled);
    }
  }

  private void cut(LongAdder why) {
    if (why != null) {
      why.increment();
    }
    close();
    receiver.ended(this);
  }

  /** Closes the socket; the buffer is in use until the burst is released. */
  void close() {
    if (!isClosed) {
      acknowledge();
      isClosed = true;
      receiver.unwatch(this);
      stream.close();
    }
  }
}
