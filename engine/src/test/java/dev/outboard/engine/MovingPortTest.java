package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.Offloads;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportProvider;
import dev.outboard.spi.WorkerContext;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/**
 * A guest that is moved takes its port along: one worker at a time has it, and no frame is lost.
 */
class MovingPortTest {
  private static final int FRAMES = 50_000;
  private static final int ETHERNET_HEADER = 14;

  /** A transport that takes all frames, and notes what a port was not promised. */
  private static final class NotingPort implements TransportProvider, Transport, GuestPort {
    final ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();
    volatile int binds;
    volatile long arrived;
    private Thread owner;
    private boolean unflushed;

    private void mine(String call) {
      if (Thread.currentThread() != owner) {
        complaints.add(call + " by " + Thread.currentThread() + ", bound by " + owner);
      }
    }

    @Override
    public void bind(WorkerContext context) {
      if (owner != null) {
        complaints.add("bound twice");
      }
      owner = Thread.currentThread();
      int next = binds + 1;
      binds = next;
      if (!owner.getName().equals("outboard-worker-" + context.worker())) {
        complaints.add("bound to " + context.worker() + " by " + owner);
      }
    }

    @Override
    public void unbind() {
      mine("unbind");
      if (unflushed) {
        complaints.add("unbound with frames that were not flushed");
      }
      owner = null;
    }

    @Override
    public int transmit(FrameBurst frames, int from, int count) {
      mine("transmit");
      for (int i = from; i < from + count; i++) {
        int first = frames.firstFragment(i);
        long number =
            frames
                .segment(first)
                .get(ValueLayout.JAVA_LONG_UNALIGNED, frames.offset(first) + ETHERNET_HEADER);
        if (number != arrived) {
          complaints.add("frame " + number + " in place of " + arrived);
        }
        long next = number + 1;
        arrived = next;
      }
      unflushed = true;
      return count;
    }

    @Override
    public void flush() {
      mine("flush");
      unflushed = false;
    }

    @Override
    public int receive(ReceiveSpace space, int limit) {
      return 0;
    }

    @Override
    public String failure() {
      return null;
    }

    @Override
    public String name() {
      return "noting";
    }

    @Override
    public Availability probe() {
      return Availability.yes();
    }

    @Override
    public List<Setting> settings() {
      return List.of();
    }

    @Override
    public Transport open(TransportContext context) {
      return this;
    }

    @Override
    public Capabilities capabilities() {
      return Capabilities.perGuest(65_535, 16).withOffloads(Offloads.CHECKSUM | Offloads.TSO4);
    }

    @Override
    public GuestPort openPort(PortSpec spec) {
      return this;
    }

    @Override
    public void close() {}
  }

  @Test
  void itIsUnboundAndBoundAndEveryFrameLeavesOnceInOrder() throws Exception {
    NotingPort port = new NotingPort();
    try (TestHost host = new TestHost(new EngineSettings(2, List.of(), 50, 100, 64))) {
      host.engine.openUplink("up", port, Map.of());
      VhostUserGuest guest = host.start(withUplink(host.spec(1)), GuestOptions.DEFAULT);
      FrameTemplate template = FrameTemplate.raw(TestHost.endpoint(1), TestHost.endpoint(2), 100);
      long sent = 0;
      int moves = 0;
      while (sent < FRAMES) {
        sent += guest.send(template, sent, (int) Math.min(64, FRAMES - sent));
        if (sent > moves * 500L) {
          moves++;
          host.engine.move("g1", moves % 2);
        }
      }
      TestHost.await(() -> port.arrived == FRAMES);
      assertEquals(List.of(), List.copyOf(port.complaints));
      assertTrue(moves >= 50, moves + " moves");
      assertEquals(1 + moves, port.binds);
      assertEquals(FRAMES, host.counters(1).sentFrames());
      assertEquals(Map.of(), host.drops(1));
    }
    assertEquals(List.of(), List.copyOf(port.complaints));
  }

  private static GuestSpec withUplink(GuestSpec spec) {
    return new GuestSpec(
        spec.id(),
        spec.tenant(),
        spec.network(),
        spec.mac(),
        spec.addresses(),
        spec.socket(),
        spec.mtu(),
        Optional.of("up"),
        spec.localForwarding());
  }
}
