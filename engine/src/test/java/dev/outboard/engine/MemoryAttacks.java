package dev.outboard.engine;

import dev.outboard.guest.GuestMemory;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.MemoryFile;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Memory that is taken away while the engine uses it: each of these is a SIGBUS in the middle of a
 * burst, on the side of the sender or of the receiver.
 */
final class MemoryAttacks {
  private static final GuestOptions UNSEALED =
      GuestOptions.DEFAULT.withMemory(new GuestMemory.Options(1, false, false));
  private static final GuestOptions HUGE =
      GuestOptions.DEFAULT.withMemory(new GuestMemory.Options(1, true, true));
  private static final String TRUNCATED = "its memory file was truncated";
  private static final String HOLE = "its memory can't be accessed";

  private MemoryAttacks() {}

  static Stream<Attack> rows() {
    return Stream.of(
        Attack.ends(
            "the memory file truncated to nothing under load",
            TRUNCATED,
            attacker -> truncate(attacker, 0)),
        Attack.ends(
            "the memory file truncated behind the rings under load",
            TRUNCATED,
            attacker -> {
              long rings = 0;
              VhostUserGuest guest = attacker.start(UNSEALED);
              MemoryRegion region = guest.driver().memory().regions().get(0);
              for (int ring = 0; ring < 2; ring++) {
                rings =
                    Math.max(
                        rings,
                        guest.driver().ring(ring).usedUserAddress() + 4096 - region.userAddress());
              }
              attacker.load();
              MemoryFile.resize(region.fd(), region.fileOffset() + rings);
              goOnKicking(attacker);
            }),
        Attack.either(
            "the memory file truncated and grown again, over and over, under load",
            attacker -> {
              VhostUserGuest guest = attacker.start(UNSEALED);
              attacker.load();
              MemoryRegion region = guest.driver().memory().regions().get(0);
              for (int i = 0; i < 200; i++) {
                MemoryFile.resize(region.fd(), 0);
                MemoryFile.resize(region.fd(), region.fileOffset() + region.size());
                goOnKicking(attacker);
              }
            }),
        Attack.either(
            "holes punched into ordinary memory under load",
            attacker -> {
              VhostUserGuest guest = attacker.start();
              attacker.load();
              MemoryRegion region = guest.driver().memory().regions().get(0);
              for (int i = 0; i < 20; i++) {
                MemoryFile.punchHole(region.fd(), region.fileOffset(), region.size());
                goOnKicking(attacker);
              }
            }),
        Attack.ends(
            "holes punched into sealed huge pages, none free to fill them",
            HOLE,
            MemoryAttacks::punchHugePages),
        Attack.ends(
            "more huge pages than there are free",
            "Cannot allocate memory",
            MemoryAttacks::tooManyHugePages),
        Attack.ends("memory on a tmpfs that is full", HOLE, MemoryAttacks::fullFileSystem));
  }

  private static void truncate(Attacker attacker, long size) throws Exception {
    VhostUserGuest guest = attacker.start(UNSEALED);
    attacker.load();
    MemoryFile.resize(guest.driver().memory().fd(), size);
    goOnKicking(attacker);
  }

  /** Its driver may be dead by now, its kicks come all the same. */
  private static void goOnKicking(Attacker attacker) throws InterruptedException {
    for (int i = 0; i < 5; i++) {
      long _ = EventFd.signal(attacker.running().kickFd(VirtioNetDriver.TX));
      long _ = EventFd.signal(attacker.running().kickFd(VirtioNetDriver.RX));
      Thread.sleep(1);
    }
  }

  private static void punchHugePages(Attacker attacker) throws Exception {
    try (HugePages pages = HugePages.reserve(4)) {
      VhostUserGuest guest = attacker.start(HUGE);
      attacker.load();
      pages.giveBackFree();
      MemoryRegion region = guest.driver().memory().regions().get(0);
      MemoryFile.punchHole(region.fd(), region.fileOffset(), region.size());
      goOnKicking(attacker);
    }
  }

  /** The rings themselves are in the hole: the engine meets it when it starts them. */
  private static void fullFileSystem(Attacker attacker) throws Exception {
    try (SmallTmpfs tmpfs = SmallTmpfs.full()) {
      VhostUserGuest guest = attacker.start();
      MemoryRegion region = guest.driver().memory().regions().get(0);
      try (RawDescriptor file = RawDescriptor.create(tmpfs.file("memory"))) {
        MemoryFile.resize(file.fd(), region.size());
        guest
            .frontend()
            .setMemTable(
                List.of(
                    new MemoryRegion(
                        region.guestAddress(), region.size(), region.userAddress(), 0, file.fd())));
      } catch (IOException e) {
        // The answer may come too late for it.
      }
      goOnKicking(attacker);
    }
  }

  private static void tooManyHugePages(Attacker attacker) throws Exception {
    try (HugePages _ = HugePages.reserve(2)) {
      long size = 64L << 20;
      int fd = MemoryFile.createHuge("greedy", size);
      try (VhostUserFrontend vmm = attacker.connect()) {
        vmm.setOwner();
        vmm.setMemTable(List.of(new MemoryRegion(0, size, 1L << 40, 0, fd)));
        if (!vmm.channel().awaitClose()) {
          throw new AssertionError("the connection stays open");
        }
      } finally {
        FileDescriptors.close(fd);
      }
    }
  }
}
