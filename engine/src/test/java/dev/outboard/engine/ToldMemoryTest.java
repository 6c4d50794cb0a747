package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestMemory;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.isolation.Shared;
import dev.outboard.spi.Region;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Transports are told of guests' memory that their native code may read. */
class ToldMemoryTest {
  private static final int REGIONS = 2;

  private static GuestOptions memory(boolean sealed) {
    return GuestOptions.DEFAULT.withMemory(new GuestMemory.Options(REGIONS, false, sealed));
  }

  private static Set<Integer> numbers(List<Region> regions) {
    Set<Integer> numbers = new HashSet<>();
    regions.forEach(region -> numbers.add(region.number()));
    return numbers;
  }

  @Test
  void anUplinkIsToldOfWhatIsThereAndOfWhatComesAndGoes() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      VhostUserGuest _ = hosts.a.start(TwoHosts.guest(hosts.a, 1), memory(true));
      List<Region> first = hosts.wire.memory("a");
      assertEquals(REGIONS, first.size());
      first.forEach(region -> assertEquals(4096, region.pageSize()));
      assertEquals(List.of(), hosts.wire.memory("b"), "another sidecar's guest");
      hosts.a.engine.openUplink("late", hosts.wire.end("late"), Map.of());
      assertEquals(numbers(first), numbers(hosts.wire.memory("late")));
      VhostUserGuest _ = hosts.a.start(TwoHosts.guest(hosts.a, 3), memory(true));
      assertEquals(2 * REGIONS, hosts.wire.memory("a").size());
      assertEquals(2 * REGIONS, hosts.wire.memory("late").size());
      hosts.a.engine.closeUplink("late");
      hosts.a.engine.detach("g3");
      assertEquals(numbers(first), numbers(hosts.wire.memory("a")));
      assertEquals(2 * REGIONS, hosts.wire.memory("late").size(), "a closed one is told nothing");
      hosts.a.engine.detach("g1");
      assertEquals(List.of(), hosts.wire.memory("a"));
    }
  }

  @Test
  void nothingIsToldOfMemoryThatMayShrink() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      VhostUserGuest _ = hosts.a.start(TwoHosts.guest(hosts.a, 1), memory(false));
      assertEquals(List.of(), hosts.wire.memory("a"));
      hosts.a.engine.detach("g1");
    }
  }

  @Test
  void itIsRemovedWhenNoPortHoldsAFrameThere() throws Exception {
    EngineSettings settings = new EngineSettings(1, List.of(), 50, 5_000_000, 16);
    try (TwoHosts hosts = new TwoHosts(settings, new Shared(), true)) {
      VhostUserGuest one = hosts.a.start(TwoHosts.guest(hosts.a, 1), memory(true));
      TwoHosts.know(hosts.a, 2, "b");
      hosts.wire.letGo = false;
      FrameTemplate template =
          FrameTemplate.udp(TestHost.endpoint(1), TestHost.endpoint(2), 1_000).withContent();
      one.send(template, 0, 1);
      TestHost.await(() -> hosts.wire.held.get() == 1);
      AtomicBoolean detached = new AtomicBoolean();
      Thread detaching =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      hosts.a.engine.detach("g1");
                      detached.set(true);
                    } catch (EngineException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      Thread.sleep(100);
      assertEquals(REGIONS, hosts.wire.memory("a").size(), "a frame is held there");
      hosts.wire.letGo = true;
      detaching.join();
      assertTrue(detached.get());
      assertEquals(List.of(), hosts.wire.memory("a"));
      assertEquals(List.of(), hosts.wire.complaints);
    }
  }
}
