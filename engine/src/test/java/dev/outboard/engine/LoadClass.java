package dev.outboard.engine;

import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestMemory;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.RawRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.linux.MemoryFile;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/** Kinds of load, each as a hostile guest and as a well-behaved one makes it, at the same pace. */
enum LoadClass {
  /** 16 chains at a time: frames to the peer, or addresses outside memory. */
  BAD_CHAINS {
    @Override
    void start(Attacker guest, boolean hostile) throws Exception {
      chains(guest, hostile ? 0x7fff_0000_0000L : 0, 0);
    }
  },

  /** 16 frames at a time: with the guest's own source address, or with another's. */
  SPOOFED_FRAMES {
    @Override
    void start(Attacker guest, boolean hostile) throws Exception {
      chains(guest, 0, hostile ? 0x66 : 0);
    }
  },

  /** A connection every millisecond that asks one thing, or breaks the protocol. */
  SESSIONS {
    @Override
    void start(Attacker guest, boolean hostile) {
      guest.beside(
          () -> {
            try (VhostUserFrontend vmm = guest.host().connect(Attacker.NUMBER)) {
              if (hostile) {
                vmm.channel().sendRaw(new byte[64]);
              } else {
                vmm.setOwner();
              }
            } catch (IOException e) {
              // The one before was not gone yet.
            }
            LockSupport.parkNanos(1_000_000);
          });
    }
  },

  /** A driver every few milliseconds that sends some frames and goes, or whose memory goes. */
  MEMORY_TAKEN_AWAY {
    @Override
    void start(Attacker guest, boolean hostile) {
      GuestOptions options =
          GuestOptions.DEFAULT.withMemory(new GuestMemory.Options(1, false, false));
      FrameTemplate template = FrameTemplate.raw(TestHost.endpoint(1), TestHost.endpoint(2), 300);
      guest.beside(
          () -> {
            try (VhostUserGuest driver =
                VhostUserGuest.start(
                    "g1",
                    options,
                    VhostUserFrontend.connect(
                        guest.host().socket(Attacker.NUMBER), Duration.ofSeconds(5)))) {
              int _ = driver.send(template, 0, 32);
              if (hostile) {
                MemoryFile.resize(driver.driver().memory().fd(), 0);
              }
            } catch (IOException e) {
              // The one before was not gone yet.
            }
            LockSupport.parkNanos(5_000_000);
          });
    }
  };

  private static final int CHAINS = 16;
  private static final long PACE_NANOS = 100_000;
  private static final int FRAME = 200;

  /** Begins; it ends with the guest. */
  abstract void start(Attacker guest, boolean hostile) throws Exception;

  /** Chains of one good buffer, moved by so much; a byte other than 0 spoils its source. */
  private static void chains(Attacker guest, long elsewhere, int spoiled) throws Exception {
    guest.start();
    RawRing ring = guest.ring();
    GuestMemory.Area good = guest.good();
    good.segment().fill((byte) 0);
    address(good, 12, TestHost.endpoint(2).mac());
    address(good, 18, TestHost.endpoint(1).mac() ^ spoiled);
    good.segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, 24, (short) 0xb688);
    for (int i = 0; i < ring.size(); i++) {
      ring.descriptor(i, good.guestAddress() + elsewhere, 12 + FRAME, 0, 0);
      ring.head(i, i);
    }
    int[] next = {0};
    guest.beside(
        () -> {
          next[0] += CHAINS;
          ring.availableIndex(next[0]);
          guest.kick();
          while (ring.usedIndex() != (next[0] & 0xffff)) {
            LockSupport.parkNanos(PACE_NANOS / 2);
          }
          LockSupport.parkNanos(PACE_NANOS);
        });
    guest.drainPeer();
  }

  private static void address(GuestMemory.Area area, long at, long mac) {
    for (int i = 0; i < 6; i++) {
      area.segment().set(ValueLayout.JAVA_BYTE, at + i, (byte) (mac >>> (40 - 8 * i)));
    }
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
