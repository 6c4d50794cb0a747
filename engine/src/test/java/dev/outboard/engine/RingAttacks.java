package dev.outboard.engine;

import dev.outboard.guest.GuestMemory;
import dev.outboard.guest.RawRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.guest.vhost.MemoryRegion;
import java.util.List;
import java.util.stream.Stream;

/** Lies in the rings of a driver that runs: indexes, descriptors, chains, tables. */
final class RingAttacks {
  private static final int NEXT = 1;
  private static final int WRITE = 2;
  private static final int INDIRECT = 4;
  private static final int FRAME = 100;
  private static final int PEER = 2;

  private RingAttacks() {}

  static Stream<Attack> rows() {
    return Stream.of(badChains(), badRings(), badBuffers()).flatMap(rows -> rows);
  }

  /** Writes descriptors; {@code good} is memory of the guest. */
  private interface Lie {
    void tell(RawRing ring, GuestMemory.Area good);
  }

  /** Descriptor 0 is the head of the one chain in the transmit ring. */
  private static Attack chain(String name, Lie lie) {
    return Attack.dropped(
        name,
        "bad-chain",
        attacker -> {
          attacker.start();
          RawRing ring = attacker.ring();
          lie.tell(ring, attacker.good());
          ring.head(0, 0);
          ring.availableIndex(1);
          attacker.kick();
          TestHost.await(() -> ring.usedIndex() == 1);
          if (ring.usedId(0) != 0 || ring.usedLength(0) != 0) {
            throw new AssertionError("completed as something else");
          }
        });
  }

  private static Lie one(long offset, int length, int flags, int next) {
    return (ring, good) -> ring.descriptor(0, good.guestAddress() + offset, length, flags, next);
  }

  private static Lie absolute(long address, int length) {
    return (ring, good) -> ring.descriptor(0, address, length, 0, 0);
  }

  /** A table of 16 equal entries, linked, of which so many bytes are said to be used. */
  private static Lie table(int tableBytes, int entryFlags, int flags) {
    return (ring, good) -> {
      for (int i = 0; i < 16; i++) {
        RawRing.descriptor(
            good.segment(), 16L * i, good.guestAddress() + 4096, FRAME, entryFlags, i + 1);
      }
      ring.descriptor(0, good.guestAddress(), tableBytes, INDIRECT | flags, 1);
    };
  }

  private static Stream<Attack> badChains() {
    return Stream.of(
        chain("an address outside every region", absolute(0x7fff_0000_0000L, FRAME)),
        chain("an address of all ones", absolute(-1, FRAME)),
        chain("a length that leaves the region", one(0, Integer.MAX_VALUE, 0, 0)),
        chain("a length of 4 GiB less one", one(0, -1, 0, 0)),
        chain("a length of zero", one(0, 0, 0, 0)),
        chain("a buffer to write where one to read is due", one(0, FRAME, WRITE, 0)),
        chain("a next descriptor out of range", one(0, FRAME, NEXT, 60_000)),
        chain("a chain that goes in a circle", one(0, FRAME, NEXT, 0)),
        chain(
            "a chain of two that goes in a circle",
            (ring, good) -> {
              ring.descriptor(0, good.guestAddress(), FRAME, NEXT, 1);
              ring.descriptor(1, good.guestAddress(), FRAME, NEXT, 0);
            }),
        chain(
            "a chain longer than the ring",
            (ring, good) -> {
              for (int i = 0; i < ring.size(); i++) {
                ring.descriptor(i, good.guestAddress(), 1, NEXT, (i + 1) % ring.size());
              }
            }),
        chain(
            "a chain of more than a megabyte",
            (ring, good) -> {
              for (int i = 0; i < 200; i++) {
                ring.descriptor(i, good.guestAddress(), 8192, i < 199 ? NEXT : 0, i + 1);
              }
            }),
        chain("an indirect table of no bytes", table(0, 0, 0)),
        chain("an indirect table that is cut", table(24, 0, 0)),
        chain("an indirect table of 1 GiB", table(1 << 30, 0, 0)),
        chain("an indirect table of negative size", table(-16, 0, 0)),
        chain(
            "an indirect table outside every region",
            (ring, good) -> ring.descriptor(0, 64, 16, INDIRECT, 0)),
        chain("a table in a table", table(16, INDIRECT, 0)),
        chain("a table that goes on", table(16, 0, NEXT)),
        chain("a table whose last entry goes on", table(64, NEXT, 0)),
        acrossRegions());
  }

  /** Two regions that are neighbours for the guest, but not in our address space. */
  private static Attack acrossRegions() {
    return Attack.dropped(
        "an address across two regions",
        "bad-chain",
        attacker -> {
          VhostUserGuest guest = attacker.start();
          MemoryRegion whole = guest.driver().memory().regions().get(0);
          long half = whole.size() / 8192 * 4096;
          guest
              .frontend()
              .setMemTable(List.of(part(whole, 0, half), part(whole, half, whole.size() - half)));
          RawRing ring = attacker.ring();
          ring.descriptor(0, whole.guestAddress() + half - FRAME / 2, FRAME, 0, 0);
          ring.head(0, 0);
          ring.availableIndex(1);
          attacker.kick();
        });
  }

  private static MemoryRegion part(MemoryRegion whole, long from, long size) {
    return new MemoryRegion(
        whole.guestAddress() + from,
        size,
        whole.userAddress() + from,
        whole.fileOffset() + from,
        whole.fd());
  }

  private static Attack ring(String name, String reason, Attack.Act act) {
    return Attack.ends(
        name,
        reason,
        attacker -> {
          attacker.start();
          act.run(attacker);
          attacker.kick();
        });
  }

  private static Stream<Attack> badRings() {
    return Stream.of(
        ring(
            "an available index ahead by more than the ring",
            "the available index is ahead",
            attacker -> attacker.ring().availableIndex(attacker.ring().size() + 1)),
        ring(
            "an available index that goes back",
            "the available index is ahead",
            attacker -> attacker.ring().availableIndex(-1)),
        ring(
            "a head out of range",
            "in a ring of",
            attacker -> {
              attacker.ring().head(0, attacker.ring().size());
              attacker.ring().availableIndex(1);
            }),
        Attack.ends(
            "an available index that jumps to and fro under load",
            "the available index is ahead",
            attacker -> {
              attacker.start();
              attacker.load();
              attacker.beside(
                  () -> {
                    attacker.ring().availableIndex((int) System.nanoTime());
                    attacker.kick();
                  });
            }),
        Attack.unharmed(
            "used indexes and flags that the driver writes itself",
            attacker -> {
              attacker.start();
              RawRing ring = attacker.ring();
              for (int i = 0; i < 1000; i++) {
                ring.usedIndex(i * 77);
                ring.usedEvent(i * 33);
                ring.availableFlags(i);
                attacker.kick();
              }
            }));
  }

  /** Lies in the receive ring, found by whoever sends there. */
  private static Stream<Attack> badBuffers() {
    return Stream.of(
        Attack.unharmed(
            "receive buffers outside every region, with frames on the way",
            attacker -> {
              attacker.start();
              attacker.load();
              RawRing receive = receiveRing(attacker);
              attacker.beside(
                  () -> {
                    for (int i = 0; i < receive.size(); i++) {
                      receive.descriptor(i, (long) i << 40, 2048, WRITE, 0);
                    }
                  });
            }),
        Attack.unharmed(
            "receive buffers to read only, with frames on the way",
            attacker -> {
              attacker.start();
              attacker.load();
              RawRing receive = receiveRing(attacker);
              attacker.beside(
                  () -> {
                    for (int i = 0; i < receive.size(); i++) {
                      receive.descriptor(i, attacker.good().guestAddress(), 2048, 0, 0);
                    }
                  });
            }),
        Attack.ends(
            "a receive ring whose index runs ahead",
            "the available index is ahead",
            attacker -> {
              attacker.start();
              attacker.load();
              RawRing receive = receiveRing(attacker);
              attacker.beside(() -> receive.availableIndex((int) System.nanoTime()));
            }),
        Attack.unharmed(
            "a receive ring that is never filled again, with frames on the way",
            attacker -> {
              attacker.start();
              attacker.flood();
              TestHost.await(() -> attacker.host().drops(PEER).containsKey("destination-stalled"));
            }));
  }

  private static RawRing receiveRing(Attacker attacker) {
    return RawRing.of(attacker.running().driver().ring(VirtioNetDriver.RX));
  }
}
