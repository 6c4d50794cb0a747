package dev.outboard.integration.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.outboard.spi.Capabilities;
import dev.outboard.spi.Region;
import dev.outboard.spi.Transport;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A plugin's transport is told of guests' memory, and can't harm anybody by its answer. */
class GuardedTransportTest {
  private static final Capabilities CAPABILITIES = Capabilities.shared(1500, 64);

  private final List<String> told = Collections.synchronizedList(new ArrayList<>());

  private final class Plugin implements Transport {
    private final boolean throwing;

    Plugin(boolean throwing) {
      this.throwing = throwing;
    }

    @Override
    public Capabilities capabilities() {
      return CAPABILITIES;
    }

    @Override
    public void memoryAdded(Region region) {
      tell("added " + region.number());
    }

    @Override
    public void memoryRemoved(Region region) {
      tell("removed " + region.number());
    }

    private void tell(String what) {
      told.add(what);
      if (throwing) {
        throw new IllegalStateException(what);
      }
    }

    @Override
    public void close() {}
  }

  private void tell(boolean throwing) {
    Guard guard = new Guard("p", getClass().getClassLoader(), Duration.ofSeconds(20));
    Transport transport = new GuardedTransport(guard, new Plugin(throwing), CAPABILITIES);
    Region region = new Region(5, MemorySegment.NULL, 4096);
    transport.memoryAdded(region);
    transport.memoryRemoved(region);
  }

  @Test
  void memoryThatComesAndGoesIsTold() {
    tell(false);
    assertEquals(List.of("added 5", "removed 5"), told);
  }

  @Test
  void whatItThrowsIsALineInTheLog() {
    tell(true);
    assertEquals(List.of("added 5", "removed 5"), told);
  }
}
