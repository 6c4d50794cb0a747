package dev.outboard.guest;

import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.linux.Errno;
import dev.outboard.linux.Io;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The network device of a VMM that owns a TAP, as Firecracker does it: one system call for each
 * frame, straight from and into guest memory. It is the baseline to compare a sidecar with, so it
 * trusts its guest (nothing is checked) and spares what it can: it runs on the guest's own thread,
 * and needs neither kicks nor calls.
 */
final class TapVmm {
  private static final VarHandle SHARED = ValueLayout.JAVA_SHORT.varHandle();
  private static final int IOVEC_BYTES = Io.IOVEC_SIZE;
  private static final int MOST_PIECES = 1024;

  private final int tap;
  private final int longest;
  private final MemorySegment guest;

  /** From a guest-physical address to one in this process; to an offset in {@link #guest}. */
  private final long toHost;

  private final long toOffset;

  private final Side tx;
  private final Side rx;
  private final boolean merge;
  private final int rxBuffer;

  /** The pieces of one transmit chain. */
  private final MemorySegment gather = Arena.ofAuto().allocate((long) MOST_PIECES * IOVEC_BYTES, 8);

  /**
   * An iovec for each place of the available ring, twice over, so that the buffers from any place
   * on lie in one row.
   */
  private final MemorySegment scatter;

  private int scattered;
  private long refused;

  /** The device's places in one ring. */
  private static final class Side {
    final MemorySegment memory;
    final long available;
    final long used;
    final int mask;
    int next;
    int end;
    int done;

    Side(DriverRing ring) {
      memory = ring.area().segment();
      available = ring.availableOffset();
      used = ring.usedOffset();
      mask = ring.size() - 1;
    }

    int refresh() {
      end = (short) SHARED.getAcquire(memory, available + 2) & 0xffff;
      return (end - next) & 0xffff;
    }

    int head(int position) {
      return memory.get(ValueLayout.JAVA_SHORT, available + 4 + 2L * (position & mask)) & 0xffff;
    }

    void complete(int head, int length) {
      long at = used + 4 + 8L * (done++ & mask);
      memory.set(ValueLayout.JAVA_INT, at, head);
      memory.set(ValueLayout.JAVA_INT, at + 4, length);
    }

    void publish() {
      SHARED.setRelease(memory, used + 2, (short) done);
    }
  }

  /**
   * @param longest the longest frame that the TAP may bring, with its header
   */
  TapVmm(VirtioNetDriver driver, GuestOptions options, int tap, int longest) {
    if (options.rxShape().kind() != ChainShape.Kind.SINGLE) {
      throw new IllegalArgumentException("this VMM takes receive buffers of one descriptor only");
    }
    this.tap = tap;
    this.longest = longest;
    int last = driver.memory().regions().size() - 1;
    MemoryRegion region = driver.memory().regions().get(last);
    guest = driver.memory().mapping(last);
    toHost = guest.address() - region.guestAddress();
    toOffset = -region.guestAddress();
    tx = new Side(driver.tx().ring());
    rx = new Side(driver.rx().ring());
    rxBuffer = options.rxBuffer();
    merge = rxBuffer < longest;
    if (merge && (driver.features() & VirtioNet.MRG_RXBUF) == 0) {
      throw new IllegalArgumentException(
          "receive buffers of " + rxBuffer + " bytes can't take " + longest + " without MRG_RXBUF");
    }
    scatter = Arena.ofAuto().allocate(2L * (rx.mask + 1) * IOVEC_BYTES, 8);
  }

  /** Hot: writes all frames that the guest offers; one that the TAP can't take yet stays. */
  void transmit() {
    int count = tx.refresh();
    int first = tx.done;
    for (int i = 0; i < count; i++) {
      int head = tx.head(tx.next);
      long written = write(head);
      if (written == -Errno.EAGAIN) {
        break;
      }
      if (written < 0) {
        refused++;
      }
      tx.next = (tx.next + 1) & 0xffff;
      tx.complete(head, 0);
    }
    if (tx.done != first) {
      tx.publish();
    }
  }

  private long write(int head) {
    long at = 16L * head;
    long address = tx.memory.get(ValueLayout.JAVA_LONG, at);
    int length = tx.memory.get(ValueLayout.JAVA_INT, at + 8);
    int flags = tx.memory.get(ValueLayout.JAVA_SHORT, at + 12);
    if (flags == 0) {
      return Io.write(tap, toHost + address, length);
    }
    int pieces =
        (flags & DriverRing.INDIRECT) != 0
            ? gather(guest, toOffset + address, 0)
            : gather(tx.memory, 0, head);
    return Io.writev(tap, gather.address(), pieces);
  }

  private int gather(MemorySegment memory, long table, int head) {
    int index = head;
    int pieces = 0;
    while (true) {
      long at = table + 16L * index;
      long iovec = (long) pieces++ * IOVEC_BYTES;
      gather.set(ValueLayout.JAVA_LONG, iovec, toHost + memory.get(ValueLayout.JAVA_LONG, at));
      gather.set(ValueLayout.JAVA_LONG, iovec + 8, memory.get(ValueLayout.JAVA_INT, at + 8));
      if ((memory.get(ValueLayout.JAVA_SHORT, at + 12) & DriverRing.NEXT) == 0) {
        return pieces;
      }
      index = memory.get(ValueLayout.JAVA_SHORT, at + 14) & 0xffff;
    }
  }

  /** Hot: reads frames until the TAP has none or the guest has no room for the longest. */
  void receive() {
    int available = rx.refresh();
    scatter(available);
    int needed = merge ? Math.min((longest + rxBuffer - 1) / rxBuffer, rx.mask + 1) : 1;
    int first = rx.done;
    while (available >= needed) {
      long iovec = (long) (rx.next & rx.mask) * IOVEC_BYTES;
      long read =
          merge
              ? Io.readv(tap, scatter.address() + iovec, needed)
              : Io.read(tap, scatter.get(ValueLayout.JAVA_LONG, iovec), rxBuffer);
      if (read <= 0) {
        break;
      }
      available -= complete((int) read, iovec);
    }
    if (rx.done != first) {
      rx.publish();
    }
  }

  private int complete(int read, long iovec) {
    int buffers = merge ? (read + rxBuffer - 1) / rxBuffer : 1;
    long header = scatter.get(ValueLayout.JAVA_LONG, iovec) - guest.address();
    guest.set(ValueLayout.JAVA_SHORT, header + VirtioNet.HEADER_BUFFERS, (short) buffers);
    int left = read;
    for (int i = 0; i < buffers; i++) {
      rx.complete(rx.head(rx.next), Math.min(left, rxBuffer));
      rx.next = (rx.next + 1) & 0xffff;
      left -= rxBuffer;
    }
    return buffers;
  }

  /** Looks up the buffers that have become available since the last time. */
  private void scatter(int available) {
    int end = (rx.next + available) & 0xffff;
    while (scattered != end) {
      long descriptor = 16L * rx.head(scattered);
      long address = toHost + rx.memory.get(ValueLayout.JAVA_LONG, descriptor);
      int place = scattered & rx.mask;
      put(place, address);
      put(place + rx.mask + 1, address);
      scattered = (scattered + 1) & 0xffff;
    }
  }

  private void put(int place, long address) {
    scatter.set(ValueLayout.JAVA_LONG, (long) place * IOVEC_BYTES, address);
    scatter.set(ValueLayout.JAVA_LONG, (long) place * IOVEC_BYTES + 8, rxBuffer);
  }

  /** Whether the guest has frames that the TAP has not taken. */
  boolean isBehind() {
    return tx.next != tx.end;
  }

  /** Frames that the kernel refused for good. */
  long refused() {
    return refused;
  }
}
