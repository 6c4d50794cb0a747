package dev.outboard.transport.iouring;

import dev.outboard.linux.BufferRing;
import dev.outboard.linux.Errno;
import dev.outboard.linux.InternetAddress;
import dev.outboard.linux.IoUring;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.ReceivedMessages;
import dev.outboard.linux.UdpSocket;
import dev.outboard.packet.Ethernet;
import dev.outboard.packet.Vxlan;
import dev.outboard.packet.peers.VxlanPeers;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The receiving half of a port. Its worker's; hot.
 *
 * <pre>
 *   socket --> buffer of 64 KiB:  sender | V frame V frame V frame ...   one flow, datagrams of one size
 *                                            \      \      \
 *                                        the burst's fragments
 * </pre>
 *
 * <p>Theory of operation. One operation receives again and again, each time into the next of the
 * buffers lent to the kernel, which joins datagrams of a flow (UDP_GRO). Frames stay where they
 * are; a buffer is lent again when the burst that has the last of its frames is released. If all
 * buffers are out the operation ends, datagrams wait in the socket, and it is started anew as soon
 * as there is a buffer. What the socket has no room for the kernel drops; that number is asked for
 * now and then.
 *
 * <p>Only what a configured peer sends in a network that it is configured for becomes a frame. The
 * sender's address can be forged by whoever can put packets into the underlay: it is for that
 * network, or a tunnel under this one, to keep strangers out.
 */
final class Receiver implements AutoCloseable {
  /** A datagram of 64 KiB, and what stands before it in the buffer. */
  private static final int BUFFER = 72 * 1024;

  private static final int GROUP = 0;
  private static final int RECEIVE = 1;
  private static final int CANCEL = 2;

  /** Failures of the operation with nothing received between, until the port gives up. */
  private static final int MOST_FAILURES = 100;

  private final NextHops hops;
  private final Drops drops;
  private final UdpSocket socket;
  private final RegionTable regions;
  private final ReceivedMessages format = new ReceivedMessages(Arena.ofAuto());
  private final IoUring ring;
  private final BufferRing buffers;
  private final MemorySegment memory;
  private final int region;
  private final int bell;

  /** Buffers that are not lent to the kernel, but for {@link #current}. */
  private final int[] used;

  private int usedCount;

  /** The buffer whose frames are being taken, and where the next one is; none left at the end. */
  private int current;

  private int position;
  private int end;
  private int segment;
  private long addressHigh;
  private long addressLow;

  private boolean receiving;
  private boolean armed;
  private int failures;
  private long socketDrops;
  private volatile String failure;

  Receiver(NextHops hops, Drops drops, UdpSocket socket, RegionTable regions, int bufferCount)
      throws LinuxException {
    this.hops = hops;
    this.drops = drops;
    this.socket = socket;
    this.regions = regions;
    ring = new IoUring(8, 2 * bufferCount);
    try {
      bell = ring.bell();
      buffers = new BufferRing(ring, GROUP, bufferCount, BUFFER);
    } catch (LinuxException e) {
      ring.close();
      throw e;
    }
    memory = buffers.memory();
    region = regions.add(memory);
    used = new int[bufferCount];
  }

  /** What becomes readable when there are frames, after {@link #arm}. */
  int bell() {
    return bell;
  }

  String failure() {
    return failure;
  }

  /** Begins to receive; the calling worker's from now on. */
  void start() throws LinuxException {
    ring.start();
    receiveAgain();
  }

  private void receiveAgain() {
    if (!receiving && usedCount < buffers.count() && failure == null) {
      receiving =
          ring.receiveMessages(socket.fd(), format.template(), GROUP, RECEIVE) && ring.submit() > 0;
    }
  }

  /** As {@link dev.outboard.spi.SharedPort#receive}. */
  int receive(FrameBurst into, int limit) {
    if (armed) {
      armed = false;
      ring.disarmBell();
    }
    if (!receiving) {
      receiveAgain();
    }
    int frames = 0;
    int datagrams = 0;
    while (frames < limit && into.fragmentRoom() > 0) {
      if (position == end) {
        if (datagrams++ == limit || !nextMessage()) {
          break;
        }
      } else if (take(into, frames)) {
        frames++;
      }
    }
    if (frames == 0) {
      release();
    } else if (frames == limit) {
      // There may be more than this worker can take; one that keeps up will arm.
      countSocketDrops();
    }
    return frames;
  }

  /** Opens the next message; it may be one that yields no frame. False if there is none. */
  private boolean nextMessage() {
    if (ring.available() == 0 && ring.poll() == 0) {
      return false;
    }
    int result = ring.result(0);
    int flags = ring.flags(0);
    int buffer = ring.buffer(0);
    ring.advance(1);
    if ((flags & IoUring.MORE) == 0) {
      receiving = false;
    }
    if ((flags & IoUring.BUFFER) == 0) {
      failed(-result);
      return receiving || usedCount < buffers.count();
    }
    open(buffer);
    return true;
  }

  private void failed(int errno) {
    if (errno != Errno.ENOBUFS && ++failures == MOST_FAILURES) {
      failure = new LinuxException("receive from the UDP socket", errno).getMessage();
    }
    receiveAgain();
  }

  private void open(int buffer) {
    failures = 0;
    long at = (long) buffer * BUFFER;
    used[usedCount++] = buffer;
    current = buffer;
    position = 0;
    end = 0;
    if (ReceivedMessages.isTruncated(memory, at)) {
      drops.truncated.add(1);
      return;
    }
    int length = ReceivedMessages.length(memory, at);
    if (length == 0) {
      drops.badVxlan.add(1);
      return;
    }
    long name = at + ReceivedMessages.NAME;
    addressHigh = InternetAddress.high(memory, name);
    addressLow = InternetAddress.low(memory, name);
    position = ReceivedMessages.PAYLOAD;
    end = position + length;
    int size = ReceivedMessages.segmentSize(memory, at);
    segment = size > 0 ? size : length;
  }

  /** Whether the next datagram of the message became a frame; else it is counted. */
  private boolean take(FrameBurst into, int frame) {
    int length = Math.min(segment, end - position);
    long at = (long) current * BUFFER + position;
    position += length;
    if (length < Vxlan.HEADER + Ethernet.HEADER || !Vxlan.isValid(memory, at)) {
      drops.badVxlan.add(1);
      return false;
    }
    int network = Vxlan.network(memory, at);
    int hop = hops.find(addressHigh, addressLow, network);
    if (hop == VxlanPeers.NONE) {
      (hops.isPeer(addressHigh, addressLow) ? drops.unknownNetwork : drops.unknownPeer).add(1);
      return false;
    }
    int bytes = length - Vxlan.HEADER;
    into.addFragment(region, at + Vxlan.HEADER, bytes);
    into.endFrame(network, bytes, 0, 0);
    into.setRoute(frame, hop, 0);
    return true;
  }

  /** As {@link dev.outboard.spi.SharedPort#release}. */
  void release() {
    boolean open = position < end;
    int kept = 0;
    for (int i = 0; i < usedCount; i++) {
      if (open && used[i] == current) {
        kept = 1;
      } else {
        buffers.give(used[i]);
      }
    }
    if (usedCount > kept) {
      usedCount = kept;
      used[0] = current;
      buffers.publish();
      receiveAgain();
    }
  }

  /** As {@link dev.outboard.spi.SharedPort#arm}. */
  boolean arm() {
    if (position < end) {
      return false;
    }
    receiveAgain();
    if (!ring.armBell()) {
      return false;
    }
    armed = true;
    countSocketDrops();
    return true;
  }

  private void countSocketDrops() {
    long now = socket.drops();
    if (now >= 0) {
      drops.receiveSocketFull.add(now - socketDrops & 0xffff_ffffL);
      socketDrops = now;
    }
  }

  /** Ends receiving; what has not been taken is counted. The worker, at last. */
  void stop() {
    ring.disarmBell();
    while (position < end) {
      position += segment;
      drops.portClosed.add(1);
    }
    if (ring.cancel(RECEIVE, CANCEL)) {
      boolean cancelled = false;
      while (!cancelled || receiving) {
        int _ = ring.submitAndWait(1, -1);
        int ready = ring.poll();
        for (int i = 0; i < ready; i++) {
          cancelled |= ring.userData(i) == CANCEL;
          if (ring.userData(i) == RECEIVE) {
            receiving = (ring.flags(i) & IoUring.MORE) != 0;
            drops.portClosed.add(datagrams(i));
          }
        }
        ring.advance(ready);
      }
    }
    countSocketDrops();
  }

  /** How many datagrams the i-th completion brings. */
  private int datagrams(int i) {
    if ((ring.flags(i) & IoUring.BUFFER) == 0) {
      return 0;
    }
    long at = (long) ring.buffer(i) * BUFFER;
    int size = Math.max(1, ReceivedMessages.segmentSize(memory, at));
    return size == 1 ? 1 : (ReceivedMessages.length(memory, at) + size - 1) / size;
  }

  @Override
  public void close() {
    regions.remove(region);
    ring.close();
    buffers.close();
    socket.close();
  }
}
