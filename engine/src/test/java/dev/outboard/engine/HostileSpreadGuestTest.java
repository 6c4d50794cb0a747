package dev.outboard.engine;

import java.util.List;

/**
 * The hostile matrix again, by a guest with two queue pairs that two workers serve. It attacks by
 * the second pair, so that the worker of its first share has none of its queues; both serve the
 * bystanders.
 */
class HostileSpreadGuestTest extends HostileMatrixTest {
  @Override
  TestHost makeHost() throws Exception {
    return new TestHost(new EngineSettings(2, List.of(), 50, 100, 64));
  }

  @Override
  int pair() {
    return 1;
  }
}
