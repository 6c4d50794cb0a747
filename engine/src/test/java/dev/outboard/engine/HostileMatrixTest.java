package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The hostile matrix: whatever a guest or its VMM does through its socket and its memory, it meets
 * its own end, and two guests beside it on the same worker lose nothing and never wait longer than
 * 100 ms. A row that the machine itself has held up (it says so, see {@link MachineStalls}) is run
 * again, twice at most.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileMatrixTest {
  private static final int PEER = 2;
  private static final long MOST_STALL = 100_000_000L;
  private static final long MACHINE_STALL = 50_000_000L;
  private static final int TRIES = 3;

  private TestHost host;
  private VhostUserGuest peer;
  private Bystanders bystanders;
  private MachineStalls machine;
  private OpenThings before;
  private int rows;
  private long worstStall;

  @BeforeAll
  void start() throws Exception {
    host = makeHost();
    peer = host.start(host.spec(PEER), GuestOptions.DEFAULT);
    bystanders = new Bystanders(host, 3, 4);
    machine = new MachineStalls();
    bystanders.awaitTraffic();
    before = OpenThings.now();
  }

  /** The sidecar that is attacked. */
  TestHost makeHost() throws Exception {
    return new TestHost();
  }

  /** Which queue pair the attacker uses, the last that it may have. */
  int pair() {
    return 0;
  }

  @AfterAll
  void stop() throws Exception {
    try {
      machine.close();
      long frames = bystanders.finish();
      System.out.printf(
          "figure: hostile matrix: %d rows, bystanders %d frames, 0 lost, longest stall %.1f ms%n",
          rows, frames, worstStall / 1e6);
      OpenThings.awaitNoMoreThan(before);
    } finally {
      host.close();
    }
  }

  static Stream<Attack> attacks() throws Exception {
    return Stream.of(
            ProtocolAttacks.rows(),
            ControlAttacks.rows(),
            RingAttacks.rows(),
            PackedAttacks.rows(),
            FrameAttacks.rows(),
            MemoryAttacks.rows(),
            DoorbellAttacks.rows())
        .flatMap(rows -> rows);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void harmsNobodyElse(Attack attack) throws Exception {
    rows++;
    for (int i = 1; ; i++) {
      bystanders.reset();
      machine.reset();
      run(attack);
      bystanders.awaitTraffic();
      long stall = bystanders.longestStall();
      if (stall <= MOST_STALL || i == TRIES || machine.nanos() < MACHINE_STALL) {
        worstStall = Math.max(worstStall, stall);
        assertTrue(stall <= MOST_STALL, "the bystanders stood still for " + stall / 1e6 + " ms");
        return;
      }
    }
  }

  private void run(Attack attack) throws Exception {
    try (Attacker attacker = new Attacker(host, peer, PEER, pair())) {
      attack.act().run(attacker);
      switch (attack.outcome()) {
        case Attack.Ended ended -> {
          TestHost.await(() -> !note().isEmpty() && state() == GuestStatus.State.WAITING);
          assertTrue(note().contains(ended.reason()), note());
        }
        case Attack.Dropped dropped -> {
          TestHost.await(() -> host.counters(Attacker.NUMBER).sentFrames() == 1);
          assertEquals(dropped.reasons(), host.drops(Attacker.NUMBER));
          assertEquals(GuestStatus.State.RUNNING, state());
        }
        case Attack.DroppedOne _ -> {
          TestHost.await(() -> host.counters(Attacker.NUMBER).sentFrames() == 1);
          Map<String, Long> drops = host.drops(Attacker.NUMBER);
          assertEquals(1, drops.values().stream().mapToLong(n -> n).sum(), drops.toString());
        }
        case Attack.Unharmed _ -> {
          bystanders.awaitTraffic();
          assertTrue(state() != GuestStatus.State.WAITING, note());
        }
        case Attack.Either _ -> bystanders.awaitTraffic();
      }
    }
    assertTrue(host.problems.isEmpty(), host.problems.toString());
  }

  private GuestStatus.State state() {
    return host.status("g" + Attacker.NUMBER).state();
  }

  private String note() {
    return host.status("g" + Attacker.NUMBER).note();
  }
}
