package dev.outboard.engine;

import dev.outboard.guest.GuestMemory;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.guest.vhost.VhostUserMessage;
import dev.outboard.guest.vhost.VhostUserRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A VMM that is slow, greedy or restless, and one that describes rings that can't be. */
final class ControlAttacks {
  private static final int CHANGES = 300;
  private static final int OTHER = 5;

  private ControlAttacks() {}

  static Stream<Attack> rows() {
    return Stream.concat(impossibleRings(), restless());
  }

  private static Attack rings(String name, String reason, Change change) {
    return Attack.ends(
        name,
        reason,
        attacker -> {
          VhostUserGuest guest = attacker.start();
          attacker.load();
          try {
            change.make(guest.frontend(), guest.driver().memory().regions().get(0));
          } catch (IOException e) {
            // It is told so: the reason is what counts.
          }
        });
  }

  /** A message that can't be obeyed, to a device that runs. */
  private interface Change {
    void make(VhostUserFrontend vmm, MemoryRegion memory) throws IOException;
  }

  private static Stream<Attack> impossibleRings() {
    return Stream.of(
        rings(
            "a ring of 3 descriptors",
            "ring size 3 is not a power of two",
            (vmm, m) -> vmm.setVringNum(0, 3)),
        rings(
            "a ring of 65,536 descriptors",
            "ring size 65536 is not a power of two",
            (vmm, m) -> vmm.setVringNum(1, 65_536)),
        rings(
            "a ring of -1 descriptors",
            "ring size -1 is not a power of two",
            (vmm, m) -> vmm.setVringNum(1, -1)),
        Attack.either(
            "a ring of 32,768 descriptors over what is none",
            attacker -> {
              VhostUserGuest guest = attacker.start();
              attacker.load();
              guest.frontend().setVringNum(VirtioNetDriver.RX, 32_768);
            }),
        rings(
            "ring addresses outside memory",
            "is outside the guest's memory",
            (vmm, m) -> vmm.setVringAddr(0, 0x1000, 0x2000, 0x3000)),
        rings(
            "ring addresses of all ones",
            "is outside the guest's memory",
            (vmm, m) -> vmm.setVringAddr(1, -1, -1, -1)),
        rings(
            "a ring that ends beyond memory",
            "is outside the guest's memory",
            (vmm, m) -> {
              long last = m.userAddress() + m.size() - 16;
              vmm.setVringAddr(1, last, last, last);
            }),
        rings(
            "a ring at an odd address",
            "is not aligned",
            (vmm, m) ->
                vmm.setVringAddr(
                    1, m.userAddress() + 1, m.userAddress() + 8193, m.userAddress() + 16_385)),
        rings(
            "memory that does not hold the rings",
            "is outside the guest's memory",
            (vmm, m) ->
                vmm.setMemTable(
                    List.of(
                        new MemoryRegion(
                            m.guestAddress(), 4096, m.userAddress(), m.fileOffset(), m.fd())))),
        Attack.unharmed(
            "a ring of no descriptors, which is none",
            attacker -> {
              VhostUserGuest guest = attacker.start();
              guest.frontend().setVringNum(VirtioNetDriver.TX, 0);
            }));
  }

  private static Stream<Attack> restless() {
    return Stream.of(
        Attack.either(
            "half a message, then silence, while others connect and go",
            attacker -> {
              attacker.connect().channel().sendRaw(new byte[] {1, 0, 0});
              for (int i = 0; i < 20; i++) {
                attacker.host().engine.attach(attacker.host().spec(OTHER));
                try (VhostUserFrontend other = attacker.host().connect(OTHER)) {
                  if (other.getFeatures() == 0) {
                    throw new AssertionError("no features for the other");
                  }
                }
                attacker.host().engine.detach("g" + OTHER);
              }
            }),
        Attack.ends(
            "questions without end, answers never read",
            "the VMM does not take our replies",
            attacker -> {
              byte[] question =
                  VhostUserMessage.bytes(
                      VhostUserRequest.GET_FEATURES.number(),
                      VhostUserMessage.VERSION,
                      0,
                      new byte[0]);
              VhostUserFrontend vmm = attacker.connect();
              try {
                for (int i = 0; i < 100_000; i++) {
                  vmm.channel().sendRaw(question);
                }
                throw new AssertionError("100,000 questions were taken");
              } catch (IOException e) {
                // The connection was closed on us.
              }
            }),
        Attack.unharmed(
            "a second connection, and more",
            attacker -> {
              VhostUserGuest guest = attacker.start();
              List<VhostUserFrontend> more = new ArrayList<>();
              for (int i = 0; i < 50; i++) {
                more.add(attacker.host().connect(Attacker.NUMBER));
              }
              for (VhostUserFrontend each : more) {
                if (!each.channel().awaitClose()) {
                  throw new AssertionError("a second connection was taken");
                }
                each.close();
              }
              if (guest.frontend().getFeatures() == 0) {
                throw new AssertionError("the first is dead");
              }
            }),
        Attack.unharmed(
            "rings switched on and off under load",
            attacker -> {
              VhostUserGuest guest = attacker.start();
              attacker.load();
              for (int i = 0; i <= CHANGES; i++) {
                guest.frontend().setVringEnable(i & 1, (i & 2) == 0);
              }
            }),
        Attack.unharmed(
            "a memory table replaced under load",
            attacker -> {
              VhostUserGuest guest = attacker.start();
              attacker.load();
              GuestMemory memory = guest.driver().memory();
              for (int i = 0; i < CHANGES; i++) {
                guest.frontend().setMemTable(memory.regions());
              }
            }),
        Attack.unharmed(
            "rings stopped and started under load",
            attacker -> {
              VhostUserGuest guest = attacker.start();
              attacker.load();
              for (int i = 0; i < CHANGES / 10; i++) {
                guest.resume(guest.stop());
              }
            }),
        Attack.either(
            "connections that come and go",
            attacker -> {
              for (int i = 0; i < CHANGES / 3; i++) {
                try (VhostUserFrontend vmm = attacker.host().connect(Attacker.NUMBER)) {
                  vmm.setOwner();
                } catch (IOException e) {
                  // The one before was not gone yet.
                }
              }
            }));
  }
}
