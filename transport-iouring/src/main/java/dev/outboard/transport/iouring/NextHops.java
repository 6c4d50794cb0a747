package dev.outboard.transport.iouring;

import dev.outboard.linux.InternetAddress;
import dev.outboard.packet.Vxlan;
import dev.outboard.packet.peers.Endpoint;
import dev.outboard.packet.peers.VxlanPeers;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.TransportException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The peers, each in one network: by number what a message to one needs, ready in native memory;
 * and by sender the number. The control thread opens and closes them while workers look them up.
 *
 * <pre>
 *   next hop n    socket address (28)   VXLAN header (8)
 * </pre>
 */
final class NextHops implements VxlanPeers.Slots, AutoCloseable {
  /** Where the VXLAN header is, from the socket address on. */
  static final int VXLAN_HEADER = 32;

  private static final int SLOT = 64;
  private static final int SLOTS_OF_CHUNK = 256;
  private static final VarHandle ADDRESS = MethodHandles.arrayElementVarHandle(long[].class);

  private final boolean ipv6;
  private final VxlanPeers peers;
  private final Arena arena = Arena.ofShared();
  private MemorySegment chunk = arena.allocate(0);

  /** By number, the address of its memory; 0 where there is no such next hop. */
  private volatile long[] addresses = new long[SLOTS_OF_CHUNK];

  /** Where each number's memory is, whether it is in use or not; null if it never was. */
  private MemorySegment[] slots = new MemorySegment[SLOTS_OF_CHUNK];

  NextHops(boolean ipv6) {
    this.ipv6 = ipv6;
    peers = new VxlanPeers(ipv6, this);
  }

  /** Where a next hop's socket address is, or 0 if there is no such next hop. Hot; any worker. */
  long address(int number) {
    long[] all = addresses;
    return number > 0 && number < all.length ? (long) ADDRESS.getAcquire(all, number) : 0;
  }

  /** The next hop that a datagram came from, or {@link VxlanPeers#NONE}. Hot; any worker. */
  int find(long addressHigh, long addressLow, int network) {
    return peers.find(addressHigh, addressLow, network);
  }

  /** Whether it came from a peer at all, of whatever network. Hot; any worker. */
  boolean isPeer(long addressHigh, long addressLow) {
    return peers.isPeer(addressHigh, addressLow);
  }

  /** The size of each socket address. */
  int addressLength() {
    return ipv6 ? InternetAddress.SIZE : 16;
  }

  NextHop open(int network, Endpoint endpoint) throws TransportException {
    return peers.open(network, endpoint);
  }

  @Override
  public void fill(int number, int network, Endpoint endpoint) {
    MemorySegment slot = slot(number);
    int _ = InternetAddress.write(slot, 0, endpoint.address(), endpoint.port());
    Vxlan.write(slot, VXLAN_HEADER, network);
    ADDRESS.setRelease(addresses, number, slot.address());
  }

  private MemorySegment slot(int number) {
    if (number == slots.length) {
      slots = Arrays.copyOf(slots, number * 2);
      addresses = Arrays.copyOf(addresses, number * 2);
    }
    if (slots[number] == null) {
      if (chunk.byteSize() < SLOT) {
        chunk = arena.allocate((long) SLOT * SLOTS_OF_CHUNK, SLOT);
      }
      slots[number] = chunk.asSlice(0, SLOT);
      chunk = chunk.asSlice(SLOT);
    }
    return slots[number];
  }

  @Override
  public void clear(int number) {
    ADDRESS.setRelease(addresses, number, 0L);
  }

  @Override
  public void close() {
    Arrays.fill(addresses, 0);
    arena.close();
  }
}
