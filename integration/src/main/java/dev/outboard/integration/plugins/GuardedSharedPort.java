package dev.outboard.integration.plugins;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.SharedPort;

/** A worker's port of a plugin's transport; see {@link GuardedPort}. */
final class GuardedSharedPort extends GuardedPort<SharedPort> implements SharedPort {
  GuardedSharedPort(Guard guard, SharedPort port) {
    super(guard, port);
  }

  @Override
  public int receive(FrameBurst into, int limit) {
    return plugin.receive(into, limit);
  }

  @Override
  public void release(FrameBurst burst) {
    plugin.release(burst);
  }

  @Override
  public boolean arm() {
    return plugin.arm();
  }
}
