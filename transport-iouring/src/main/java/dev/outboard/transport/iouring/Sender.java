package dev.outboard.transport.iouring;

import dev.outboard.linux.Errno;
import dev.outboard.linux.IoUring;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.OutgoingMessages;
import dev.outboard.linux.UdpSocket;
import dev.outboard.packet.Vxlan;
import dev.outboard.spi.FrameBurst;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * The sending half of a port. Its worker's; hot.
 *
 * <pre>
 *   frames       a1 a2 a3 b1 a4 ...             next hop and source port by flow: a, b
 *   messages     [V a1 V a2 V a3] [V b1] [V a4]     one operation each, all in one submission
 *   datagrams    V a1, V a2, V a3, V b1, V a4       V: the next hop's VXLAN header
 * </pre>
 *
 * <p>Theory of operation. Nothing is copied here: a message is a list of places, the next hop's
 * VXLAN header and the frame's fragments in turns, and the kernel copies from there into its own
 * buffers before the operation completes. Frames that follow one another, have the same way and the
 * same length (the last may be shorter) are one message, which the kernel cuts (UDP_SEGMENT) below
 * routing and queueing, or leaves to the NIC.
 *
 * <p>A flow always leaves by the same socket, and a socket's messages are submitted in order and
 * don't wait (MSG_DONTWAIT), so each is finished within the submission, one after the other: order
 * within a flow is kept, and no frame is in use when {@link #transmit} returns, but for those that
 * {@link ZeroCopy} holds.
 *
 * <p>A message that fails while a later one succeeds can't be taken back: its frames are dropped
 * and counted. So are frames that will never leave, as there is no way to their peer. Only what
 * failed for want of room behind the last success stays with the caller.
 */
final class Sender implements AutoCloseable {
  /** The kernel cuts a message into at most so many datagrams (128 since 6.9). */
  private static final int MOST_SEGMENTS = 64;

  /** Less than an IP packet's 65,535, with room for any headers. */
  static final int MOST_BYTES = 65_000;

  private static final int MOST_MESSAGES = 64;
  private static final int IOVECS = 2 * OutgoingMessages.MOST_IOVECS;
  private static final int SEND_FLAGS = IoUring.DONT_WAIT;
  private static final int NOT_TAKEN = -Errno.EAGAIN;

  /** In user data: the message, and above it its slot plus one, or 0. */
  private static final int SLOT_SHIFT = 8;

  private static final int MESSAGE_MASK = 0xff;

  private final NextHops hops;
  private final Drops drops;
  private final IoUring ring;
  private final UdpSocket[] sockets;

  /** The longest datagram that needs no fragments. */
  private final int longestSegment;

  private final OutgoingMessages messages =
      new OutgoingMessages(Arena.ofAuto(), MOST_MESSAGES, IOVECS);

  /** How to send without a copy, or null. */
  private final ZeroCopy zeroCopy;

  private final int[] slotOf = new int[MOST_MESSAGES];
  private final int[] socketOf = new int[MOST_MESSAGES];
  private final int[] result = new int[MOST_MESSAGES];

  /** For each message the frame behind its last one. */
  private final int[] frameEnd = new int[MOST_MESSAGES];

  /** Whether the way out takes messages to be cut; a device without checksums does not. */
  private boolean segmentation = true;

  Sender(NextHops hops, Drops drops, List<UdpSocket> sockets, int longestSegment, ZeroCopy zeroCopy)
      throws LinuxException {
    this.hops = hops;
    this.drops = drops;
    this.sockets = sockets.toArray(UdpSocket[]::new);
    this.longestSegment = longestSegment;
    this.zeroCopy = zeroCopy;
    ring = new IoUring(MOST_MESSAGES, 4 * MOST_MESSAGES);
  }

  /** Begins; the calling worker's from now on. */
  void start() throws LinuxException {
    ring.start();
  }

  /** As {@link dev.outboard.spi.FramePort#transmit}. */
  int transmit(FrameBurst burst, int from, int count) {
    int end = from + count;
    int frame = from;
    while (frame < end) {
      int gathered = gather(burst, frame, end);
      if (gathered == frame) {
        // The first frame can't be sent at all; it is counted where it was found out.
        frame++;
        continue;
      }
      submit();
      int done = settle(burst, frame);
      if (done < gathered) {
        return done - from;
      }
      frame = gathered;
    }
    return count;
  }

  /**
   * Makes messages of frames, until there is no room for more, or a frame that can't be sent.
   *
   * @return the frame behind the last one; {@code from} if that can't be sent, which is counted
   */
  private int gather(FrameBurst burst, int from, int end) {
    messages.clear();
    int frame = from;
    while (frame < end) {
      long name = hops.address(burst.nextHop(frame));
      int length = Vxlan.HEADER + burst.length(frame);
      int iovecs = iovecs(burst, frame);
      if (name == 0 || length > MOST_BYTES || iovecs > OutgoingMessages.MOST_IOVECS) {
        if (frame == from) {
          (name == 0 ? drops.noNextHop : drops.tooLong).add(1);
        }
        return frame;
      }
      if (!messages.hasRoom(iovecs)) {
        return frame;
      }
      frame = message(burst, frame, end, name, length);
    }
    return frame;
  }

  /** Makes one message of a frame and those behind it that fit; returns the frame behind. */
  private int message(FrameBurst burst, int first, int end, long name, int segment) {
    int hop = burst.nextHop(first);
    int socket = socket(burst.flowHash(first));
    add(burst, first, name);
    int bytes = segment;
    int pieces = zeroCopy == null ? 0 : ZeroCopy.pieces(burst, first);
    int frame = first + 1;
    boolean canGrow = segmentation && segment <= longestSegment;
    int most = Math.min(end, first + MOST_SEGMENTS);
    while (canGrow && frame < most && burst.nextHop(frame) == hop) {
      int length = Vxlan.HEADER + burst.length(frame);
      int iovecs = iovecs(burst, frame);
      if (length > segment
          || bytes + length > MOST_BYTES
          || socket(burst.flowHash(frame)) != socket
          || messages.iovecs() + iovecs > OutgoingMessages.MOST_IOVECS
          || !messages.hasRoom(iovecs)) {
        break;
      }
      if (zeroCopy != null) {
        int more = ZeroCopy.pieces(burst, frame);
        if (zeroCopy.isFull(bytes, pieces + more)) {
          break;
        }
        pieces += more;
      }
      add(burst, frame, name);
      bytes += length;
      frame++;
      canGrow = length == segment;
    }
    int message = messages.count();
    socketOf[message] = socket;
    frameEnd[message] = frame;
    messages.end(name, hops.addressLength(), frame - first > 1 ? segment : 0);
    slotOf[message] =
        zeroCopy == null
            ? ZeroCopy.NONE
            : zeroCopy.take(messages, burst, first, frame, bytes, pieces);
    return frame;
  }

  /** The source port of a flow: the hash's upper bits say which. */
  private int socket(int flowHash) {
    return (int) (((flowHash & 0xffff_ffffL) * sockets.length) >>> 32);
  }

  private static int iovecs(FrameBurst burst, int frame) {
    return 1 + burst.firstFragment(frame + 1) - burst.firstFragment(frame);
  }

  private void add(FrameBurst burst, int frame, long name) {
    messages.add(name + NextHops.VXLAN_HEADER, Vxlan.HEADER);
    int end = burst.firstFragment(frame + 1);
    for (int f = burst.firstFragment(frame); f < end; f++) {
      messages.add(burst.address(f), burst.fragmentLength(f));
    }
  }

  /** Sends all messages by one system call; fills {@link #result}. */
  private void submit() {
    int count = messages.count();
    for (int m = 0; m < count; m++) {
      result[m] = NOT_TAKEN;
      int fd = sockets[socketOf[m]].fd();
      boolean _ =
          slotOf[m] == ZeroCopy.NONE
              ? ring.sendMessage(fd, messages.address(m), SEND_FLAGS, m)
              : ring.sendMessageZeroCopy(
                  fd, messages.address(m), SEND_FLAGS, (slotOf[m] + 1L) << SLOT_SHIFT | m);
    }
    int pending = ring.submit();
    if (pending < count) {
      ring.abandon();
      for (int m = Math.max(0, pending); m < count; m++) {
        if (slotOf[m] != ZeroCopy.NONE) {
          zeroCopy.hasNoNotification(slotOf[m]);
        }
      }
    }
    while (pending > 0) {
      pending -= complete(ring.poll());
      if (pending > 0) {
        int _ = ring.submitAndWait(1, -1);
      }
    }
  }

  /** Takes completions; returns for how many messages they say how it went. */
  private int complete(int ready) {
    int messagesDone = 0;
    for (int i = 0; i < ready; i++) {
      long data = ring.userData(i);
      int slot = (int) (data >>> SLOT_SHIFT) - 1;
      if ((ring.flags(i) & IoUring.NOTIFICATION) != 0) {
        zeroCopy.notified(slot, ring.result(i));
        continue;
      }
      result[(int) data & MESSAGE_MASK] = ring.result(i);
      messagesDone++;
      if (slot >= 0 && (ring.flags(i) & IoUring.MORE) == 0) {
        zeroCopy.hasNoNotification(slot);
      }
    }
    ring.advance(ready);
    return messagesDone;
  }

  /** As {@link dev.outboard.spi.FramePort#reclaim}. */
  int reclaim(long[] tokens, int limit) {
    if (zeroCopy == null) {
      return 0;
    }
    int _ = complete(ring.poll());
    return zeroCopy.reclaim(tokens, limit);
  }

  /**
   * Counts what became of the messages.
   *
   * @param from their first frame
   * @return the first frame that stays with the caller
   */
  private int settle(FrameBurst burst, int from) {
    int done = messages.count();
    while (done > 0 && mayWorkSoon(from, done - 1)) {
      done--;
    }
    int first = from;
    for (int m = 0; m < done; m++) {
      if (result[m] < 0) {
        drop(-result[m], frameEnd[m] - first);
      } else if (slotOf[m] != ZeroCopy.NONE) {
        zeroCopy.sent(slotOf[m], burst, first, frameEnd[m]);
      }
      first = frameEnd[m];
    }
    return first;
  }

  /** Whether a message failed for want of room, or since it was to be cut, which ends now. */
  private boolean mayWorkSoon(int from, int m) {
    if (result[m] >= 0) {
      return false;
    }
    int frames = frameEnd[m] - (m == 0 ? from : frameEnd[m - 1]);
    return Drops.isFull(-result[m]) || isCutRefused(-result[m], frames);
  }

  /** On kernels before 6.11: a device without checksums (EIO), a route with a smaller MTU. */
  private boolean isCutRefused(int errno, int frames) {
    boolean refused = frames > 1 && (errno == Errno.EIO || errno == Errno.EINVAL);
    segmentation &= !refused;
    return refused;
  }

  private void drop(int errno, int frames) {
    boolean refused = isCutRefused(errno, frames);
    (refused ? drops.segmentationRefused : drops.ofSend(errno)).add(frames);
  }

  @Override
  public void close() {
    ring.close();
    for (UdpSocket socket : sockets) {
      socket.close();
    }
  }
}
