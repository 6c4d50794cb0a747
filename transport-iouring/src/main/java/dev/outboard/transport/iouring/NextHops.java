package dev.outboard.transport.iouring;

import dev.outboard.linux.InternetAddress;
import dev.outboard.packet.Vxlan;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.TransportException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/**
 * The peers, each in one network: by number what a message to one needs, ready in native memory;
 * and by sender the number. The control thread opens and closes them while workers look them up.
 *
 * <pre>
 *   next hop n    socket address (28)   VXLAN header (8)
 * </pre>
 */
final class NextHops implements AutoCloseable {
  /** Where the VXLAN header is, from the socket address on. */
  static final int VXLAN_HEADER = 32;

  /** A peer whatever the network: an entry that only says that it is known. */
  private static final int ANY_NETWORK = -1;

  private static final int SLOT = 64;
  private static final int SLOTS_OF_CHUNK = 256;
  private static final VarHandle ADDRESS = MethodHandles.arrayElementVarHandle(long[].class);

  private record Peer(int network, Endpoint endpoint) {}

  private final boolean ipv6;
  private final Arena arena = Arena.ofShared();
  private final PeerTable table = new PeerTable();
  private final Map<Peer, Hop> open = new HashMap<>();
  private final Map<InetAddress, Integer> networksOfPeer = new HashMap<>();

  /** Freed numbers, the one that was freed first to be used first. */
  private final Queue<Integer> free = new ArrayDeque<>();

  private MemorySegment chunk = arena.allocate(0);
  private int next = 1;

  /** By number, the address of its memory; 0 where there is no such next hop. */
  private volatile long[] addresses = new long[SLOTS_OF_CHUNK];

  /** Where each number's memory is, whether it is in use or not. */
  private MemorySegment[] slots = new MemorySegment[SLOTS_OF_CHUNK];

  NextHops(boolean ipv6) {
    this.ipv6 = ipv6;
  }

  /** Where a next hop's socket address is, or 0 if there is no such next hop. Hot; any worker. */
  long address(int number) {
    long[] all = addresses;
    return number > 0 && number < all.length ? (long) ADDRESS.getAcquire(all, number) : 0;
  }

  /** The next hop that a datagram came from, or {@link PeerTable#NONE}. Hot; any worker. */
  int find(long addressHigh, long addressLow, int network) {
    return table.find(addressHigh, addressLow, network);
  }

  /** Whether it came from a peer at all, of whatever network. Hot; any worker. */
  boolean isPeer(long addressHigh, long addressLow) {
    return table.find(addressHigh, addressLow, ANY_NETWORK) != PeerTable.NONE;
  }

  /** The size of each socket address. */
  int addressLength() {
    return ipv6 ? InternetAddress.SIZE : 16;
  }

  NextHop open(int network, Endpoint endpoint) throws TransportException {
    if (endpoint.isIpv6() != ipv6) {
      throw new TransportException(
          "%s can't be reached from an uplink with an IPv%d address"
              .formatted(endpoint, ipv6 ? 6 : 4));
    }
    if (network < 0 || network > Vxlan.MAX_NETWORK) {
      throw new TransportException("network " + network + " does not fit VXLAN's 24 bits");
    }
    Peer peer = new Peer(network, endpoint);
    Hop hop = open.get(peer);
    if (hop == null) {
      hop = create(peer);
    }
    hop.users++;
    return new Use(hop);
  }

  private Hop create(Peer peer) throws TransportException {
    Integer number = free.poll();
    if (number == null) {
      number = next++;
      makeRoom(number);
    }
    MemorySegment slot = slots[number];
    Endpoint endpoint = peer.endpoint;
    int _ = InternetAddress.write(slot, 0, endpoint.address(), endpoint.port());
    long high = InternetAddress.high(slot, 0);
    long low = InternetAddress.low(slot, 0);
    int other = table.find(high, low, peer.network);
    if (other != PeerTable.NONE) {
      free.add(number);
      throw new TransportException(
          "network %d has a peer at %s with another port already; datagrams don't say which of them sent one"
              .formatted(peer.network, endpoint.address().getHostAddress()));
    }
    Vxlan.write(slot, VXLAN_HEADER, peer.network);
    Hop hop = new Hop(peer, number, high, low);
    open.put(peer, hop);
    ADDRESS.setRelease(addresses, number, slot.address());
    table.put(high, low, peer.network, number);
    if (networksOfPeer.merge(endpoint.address(), 1, Integer::sum) == 1) {
      table.put(high, low, ANY_NETWORK, 1);
    }
    return hop;
  }

  private void makeRoom(int number) {
    if (number == slots.length) {
      slots = Arrays.copyOf(slots, number * 2);
      addresses = Arrays.copyOf(addresses, number * 2);
    }
    if (chunk.byteSize() < SLOT) {
      chunk = arena.allocate((long) SLOT * SLOTS_OF_CHUNK, SLOT);
    }
    slots[number] = chunk.asSlice(0, SLOT);
    chunk = chunk.asSlice(SLOT);
  }

  private void remove(Hop hop) {
    table.remove(hop.high, hop.low, hop.peer.network);
    InetAddress address = hop.peer.endpoint.address();
    if (networksOfPeer.merge(address, -1, Integer::sum) == 0) {
      networksOfPeer.remove(address);
      table.remove(hop.high, hop.low, ANY_NETWORK);
    }
    ADDRESS.setRelease(addresses, hop.number, 0L);
    open.remove(hop.peer);
    free.add(hop.number);
  }

  /** How many there are. Control thread. */
  int count() {
    return open.size();
  }

  @Override
  public void close() {
    Arrays.fill(addresses, 0);
    arena.close();
  }

  private static final class Hop {
    private final Peer peer;
    private final int number;
    private final long high;
    private final long low;
    private int users;

    Hop(Peer peer, int number, long high, long low) {
      this.peer = peer;
      this.number = number;
      this.high = high;
      this.low = low;
    }
  }

  /** One opening of a next hop; the same peer may have been opened several times. */
  private final class Use implements NextHop {
    private final Hop hop;
    private boolean closed;

    Use(Hop hop) {
      this.hop = hop;
    }

    @Override
    public int number() {
      return hop.number;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        if (--hop.users == 0) {
          remove(hop);
        }
      }
    }
  }
}
