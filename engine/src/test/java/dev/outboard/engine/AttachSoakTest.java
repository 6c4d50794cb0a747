package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.isolation.Shared;
import dev.outboard.isolation.ThreadPerVm;
import dev.outboard.spi.IsolationPolicy;
import dev.outboard.testing.Footprint;
import dev.outboard.testing.LongTier;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Guests come and go while two others exchange frames: those lose nothing, and afterwards the
 * process holds what it held before. Of each four, one never sees its VMM, one is detached after
 * its VMM has left, one under a VMM that goes on, one while its frames are under way.
 */
class AttachSoakTest {
  private static final int WARM_UP = 80;
  private static final int VISITOR = 3;
  private static final int HOST = 4;
  private static final int FRAMES = 48;

  /** The kinds of visit. */
  private static final int NO_VMM = 0;

  private static final int VMM_LEAVES_FIRST = 1;
  private static final int FRAMES_UNDER_WAY = 2;
  private static final int KINDS = 4;
  private static final GuestOptions SMALL = GuestOptions.DEFAULT.withQueueSize(64);

  @Test
  void sharedWorkersKeepNothingOfGuestsThatLeft() throws Exception {
    soak(new Shared(), 2, 200);
  }

  @Test
  void workersOfGuestsThatLeftLeaveNothing() throws Exception {
    soak(new ThreadPerVm(), 8, 200);
  }

  @LongTier("attach-soak")
  void tenThousandComeAndGo() throws Exception {
    soak(new Shared(), 2, 10_000);
    soak(new ThreadPerVm(), 8, 10_000);
  }

  private static void soak(IsolationPolicy policy, int workers, int count) throws Exception {
    EngineSettings settings = new EngineSettings(workers, List.of(), 50, 100, 64);
    try (TestHost host = new TestHost(settings, policy)) {
      TwoWayTraffic traffic = new TwoWayTraffic(host, 1, host.start(1), 2, host.start(2)).start();
      VhostUserGuest server = host.start(HOST);
      visits(host, server, Math.max(WARM_UP, count / 10));
      Footprint before = Footprint.now();
      long start = System.nanoTime();
      visits(host, server, count);
      double seconds = (System.nanoTime() - start) / 1e9;
      TestHost.await(() -> host.engine.guests().size() == 3);
      Footprint after = Footprint.settled(before);
      traffic.finish();
      System.out.printf(
          "figure: attach-soak, %s: %d guests came and went in %.1f s beside %,d frames;%n"
              + "figure:   before %s%nfigure:   after  %s%n",
          policy.name(), count, seconds, traffic.exchanged(), before, after);
      assertEquals("", after.growthSince(before));
      assertTrue(traffic.exchanged() > count, "there was other traffic all the while");
    }
  }

  private static void visits(TestHost host, VhostUserGuest server, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      GuestSpec spec = host.spec(VISITOR);
      host.engine.attach(spec);
      if (i % KINDS == NO_VMM) {
        host.engine.detach(spec.id());
      } else {
        visit(host, server, i % KINDS);
      }
    }
  }

  private static void visit(TestHost host, VhostUserGuest server, int kind) throws Exception {
    VhostUserGuest guest = VhostUserGuest.start("visitor", SMALL, host.connect(VISITOR));
    boolean left = false;
    try {
      TestHost.await(() -> host.status("g" + VISITOR).state() == GuestStatus.State.RUNNING);
      FrameTemplate template =
          FrameTemplate.raw(TestHost.endpoint(VISITOR), TestHost.endpoint(HOST), 300).withContent();
      FrameCheck check = new FrameCheck(template);
      assertEquals(FRAMES, guest.send(template, 0, FRAMES));
      if (kind != FRAMES_UNDER_WAY) {
        TestHost.receive(server, check, FRAMES);
        assertEquals(FRAMES, check.frames());
      }
      if (kind == VMM_LEAVES_FIRST) {
        left = true;
        guest.close();
      }
      host.engine.detach("g" + VISITOR);
      drain(server, check);
      assertEquals(0, check.lost() + check.late() + check.corrupt());
    } finally {
      if (!left) {
        guest.close();
      }
    }
  }

  private static void drain(VhostUserGuest server, FrameCheck check) {
    int got;
    do {
      got = server.receive(check, FRAMES);
    } while (got > 0);
  }
}
