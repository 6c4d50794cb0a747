package dev.outboard.engine;

import dev.outboard.guest.GuestMemory;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.RawPackedRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.guest.vhost.MemoryRegion;
import java.io.IOException;
import java.util.stream.Stream;

/**
 * Lies in packed rings of a driver that runs: descriptors, chains, tables, wrap counters, events.
 */
final class PackedAttacks {
  private static final int NEXT = RawPackedRing.NEXT;
  private static final int WRITE = RawPackedRing.WRITE;
  private static final int INDIRECT = RawPackedRing.INDIRECT;
  private static final int AVAILABLE = RawPackedRing.available(true);
  private static final int FRAME = 100;
  private static final int PEER = 2;

  private PackedAttacks() {}

  static Stream<Attack> rows() {
    return Stream.of(badChains(), badRings(), badAddresses(), badBuffers()).flatMap(rows -> rows);
  }

  private static VhostUserGuest start(Attacker attacker) throws Exception {
    return attacker.start(GuestOptions.PACKED);
  }

  private static RawPackedRing ring(Attacker attacker, int number) {
    return RawPackedRing.of(attacker.running().driver().ring(number));
  }

  private static RawPackedRing transmit(Attacker attacker) {
    return ring(attacker, VirtioNetDriver.TX);
  }

  /** Writes descriptors, the first one last; {@code good} is memory of the guest. */
  private interface Lie {
    void tell(RawPackedRing ring, GuestMemory.Area good);
  }

  /** A bad chain that starts at the first descriptor; it comes back there, of no length. */
  private static Attack chain(String name, Lie lie) {
    return Attack.dropped(
        "packed: " + name,
        "bad-chain",
        attacker -> {
          start(attacker);
          RawPackedRing ring = transmit(attacker);
          lie.tell(ring, attacker.good());
          attacker.kick();
          TestHost.await(() -> ring.isUsed(0, true));
          if (ring.length(0) != 0 || (ring.flags(0) & WRITE) != 0) {
            throw new AssertionError("completed as something else");
          }
        });
  }

  private static Lie one(long offset, int length, int flags) {
    return (ring, good) ->
        ring.descriptor(0, good.guestAddress() + offset, length, 7, AVAILABLE | flags);
  }

  private static Lie absolute(long address, int length) {
    return (ring, good) -> ring.descriptor(0, address, length, 7, AVAILABLE);
  }

  /** A table of 16 equal entries of which so many bytes are said to be used. */
  private static Lie table(int tableBytes, int entryLength, int entryFlags) {
    return (ring, good) -> {
      for (int i = 0; i < 16; i++) {
        RawPackedRing.descriptor(
            good.segment(), 16L * i, good.guestAddress() + 4096, entryLength, i, entryFlags);
      }
      ring.descriptor(0, good.guestAddress(), tableBytes, 7, AVAILABLE | INDIRECT);
    };
  }

  private static Stream<Attack> badChains() {
    return Stream.of(
        chain("an address outside every region", absolute(0x7fff_0000_0000L, FRAME)),
        chain("an address of all ones", absolute(-1, FRAME)),
        chain("a length that leaves the region", one(0, Integer.MAX_VALUE, 0)),
        chain("a length of 4 GiB less one", one(0, -1, 0)),
        chain("a length of zero", one(0, 0, 0)),
        chain("a buffer to write where one to read is due", one(0, FRAME, WRITE)),
        chain(
            "a chain as long as the ring, of more than a megabyte",
            (ring, good) -> {
              for (int i = ring.size() - 1; i >= 0; i--) {
                int next = i == ring.size() - 1 ? 0 : NEXT;
                ring.descriptor(i, good.guestAddress(), 8192, 7, AVAILABLE | next);
              }
            }),
        chain("an indirect table of no bytes", table(0, FRAME, 0)),
        chain("an indirect table that is cut", table(24, FRAME, 0)),
        chain("an indirect table of 1 GiB", table(1 << 30, FRAME, 0)),
        chain("an indirect table of negative size", table(-16, FRAME, 0)),
        chain(
            "an indirect table outside every region",
            (ring, good) -> ring.descriptor(0, 64, 16, 7, AVAILABLE | INDIRECT)),
        chain("a table in a table", table(16, FRAME, INDIRECT)),
        chain("a table with an entry of no bytes", table(256, 0, 0)),
        chain("a table of buffers to write", table(16, FRAME, WRITE)),
        chain(
            "a table in a chain",
            (ring, good) -> {
              ring.descriptor(1, good.guestAddress(), 16, 7, AVAILABLE | INDIRECT);
              ring.descriptor(0, good.guestAddress(), FRAME, 7, AVAILABLE | NEXT);
            }),
        chain(
            "a table that goes on in the ring",
            (ring, good) -> {
              ring.descriptor(1, good.guestAddress(), FRAME, 7, AVAILABLE);
              ring.descriptor(0, good.guestAddress(), 16, 7, AVAILABLE | INDIRECT | NEXT);
            }));
  }

  private static Attack ring(String name, String reason, Attack.Act act) {
    return Attack.ends(
        "packed: " + name,
        reason,
        attacker -> {
          start(attacker);
          act.run(attacker);
          attacker.kick();
        });
  }

  private static Stream<Attack> badRings() {
    return Stream.of(
        ring(
            "a chain that never ends",
            "a chain goes on",
            attacker -> {
              RawPackedRing ring = transmit(attacker);
              for (int i = ring.size() - 1; i >= 0; i--) {
                ring.descriptor(i, attacker.good().guestAddress(), 1, 7, AVAILABLE | NEXT);
              }
            }),
        Attack.dropped(
            "packed: an id that no descriptor has, given back as it was",
            "bad-chain",
            attacker -> {
              start(attacker);
              RawPackedRing ring = transmit(attacker);
              ring.descriptor(0, 64, FRAME, 0xffff, AVAILABLE);
              attacker.kick();
              TestHost.await(() -> ring.isUsed(0, true) && ring.id(0) == 0xffff);
            }),
        Attack.unharmed(
            "packed: descriptors of the wrong lap",
            attacker -> {
              start(attacker);
              RawPackedRing ring = transmit(attacker);
              for (int i = 0; i < ring.size(); i++) {
                int flags = i % 2 == 0 ? RawPackedRing.available(false) : RawPackedRing.used(true);
                ring.descriptor(i, attacker.good().guestAddress(), FRAME, i, flags);
              }
              attacker.kick();
            }),
        Attack.either(
            "packed: flags of all kinds, rewritten under load",
            attacker -> {
              start(attacker);
              attacker.load();
              RawPackedRing ring = transmit(attacker);
              attacker.beside(
                  () -> {
                    int random = (int) System.nanoTime();
                    ring.flags((random & 0x7fff) % ring.size(), random >>> 8);
                    attacker.kick();
                  });
              Thread.sleep(50);
            }),
        Attack.either(
            "packed: the flags to and fro under load, available and not",
            attacker -> {
              start(attacker);
              attacker.load();
              RawPackedRing ring = transmit(attacker);
              attacker.beside(
                  () -> {
                    for (int i = 0; i < ring.size(); i++) {
                      ring.flags(i, ring.flags(i) ^ (RawPackedRing.USED | RawPackedRing.AVAILABLE));
                    }
                    attacker.kick();
                  });
              Thread.sleep(50);
            }),
        Attack.unharmed(
            "packed: events of all kinds",
            attacker -> {
              start(attacker);
              attacker.load();
              RawPackedRing transmit = transmit(attacker);
              RawPackedRing receive = ring(attacker, VirtioNetDriver.RX);
              for (int i = 0; i < 5000; i++) {
                transmit.driverEvent(i * 77, i);
                receive.driverEvent(i * 33, RawPackedRing.AT_POSITION);
                attacker.kick();
              }
            }));
  }

  /** A front-end's words about a ring of a guest that runs. */
  private interface Words {
    void say(VhostUserGuest guest, long good) throws IOException;
  }

  private static Attack said(String name, String reason, Words words) {
    return Attack.ends(
        "packed: " + name,
        reason,
        attacker -> {
          VhostUserGuest guest = start(attacker);
          try {
            words.say(guest, guest.driver().ring(VirtioNetDriver.TX).descriptorUserAddress());
          } catch (IOException e) {
            // The answer is no.
          }
        });
  }

  private static Stream<Attack> badAddresses() {
    int tx = VirtioNetDriver.TX;
    return Stream.of(
        said(
            "descriptors outside memory",
            "the descriptor table is outside",
            (guest, good) -> guest.frontend().setVringAddr(tx, 4096, good, good)),
        said(
            "the driver's event area outside memory",
            "the driver's event area is outside",
            (guest, good) -> guest.frontend().setVringAddr(tx, good, good, 4096)),
        said(
            "the device's event area across the end of memory",
            "the device's event area is outside",
            (guest, good) -> {
              MemoryRegion region = guest.driver().memory().regions().get(0);
              long end = region.userAddress() + region.size();
              guest.frontend().setVringAddr(tx, good, end - 2, good);
            }),
        said(
            "an event area askew",
            "not aligned",
            (guest, good) -> guest.frontend().setVringAddr(tx, good, good + 2, good)),
        said(
            "a ring larger than any",
            "ring size",
            (guest, good) -> guest.frontend().setVringNum(tx, 32_769)),
        said(
            "a ring of negative size",
            "ring size",
            (guest, good) -> guest.frontend().setVringNum(tx, -1)),
        said(
            "a position outside the ring",
            "position 300 in a ring of 256",
            (guest, good) -> {
              guest.frontend().setVringBase(tx, 300 | 0x8000);
              guest.frontend().setVringKick(tx, guest.kickFd(tx));
            }));
  }

  /** Lies in the receive ring, found by whoever sends there. */
  private static Stream<Attack> badBuffers() {
    return Stream.of(
        Attack.either(
            "packed: receive buffers outside every region, with frames on the way",
            attacker -> receiveBuffers(attacker, i -> (long) i << 40, WRITE)),
        Attack.either(
            "packed: receive buffers to read only, with frames on the way",
            attacker -> {
              start(attacker);
              long good = attacker.good().guestAddress();
              receiveBuffers(attacker, i -> good, 0);
            }),
        Attack.unharmed(
            "packed: a receive ring that is never filled again, with frames on the way",
            attacker -> {
              start(attacker);
              attacker.flood();
              TestHost.await(() -> attacker.host().drops(PEER).containsKey("destination-stalled"));
            }),
        Attack.either(
            "packed: a receive ring of one chain that never ends, with frames on the way",
            attacker -> {
              start(attacker);
              attacker.load();
              RawPackedRing receive = ring(attacker, VirtioNetDriver.RX);
              attacker.beside(
                  () -> {
                    for (int i = 0; i < receive.size(); i++) {
                      receive.flags(i, receive.flags(i) | NEXT);
                    }
                  });
              Thread.sleep(50);
            }));
  }

  private interface Address {
    long of(int descriptor);
  }

  private static void receiveBuffers(Attacker attacker, Address address, int flags)
      throws Exception {
    if (attacker.running() == null) {
      start(attacker);
    }
    attacker.load();
    RawPackedRing receive = ring(attacker, VirtioNetDriver.RX);
    attacker.beside(
        () -> {
          for (int i = 0; i < receive.size(); i++) {
            int lap = receive.flags(i) & (RawPackedRing.AVAILABLE | RawPackedRing.USED);
            receive.descriptor(i, address.of(i), 2048, i, lap | flags);
          }
        });
    Thread.sleep(50);
  }
}
