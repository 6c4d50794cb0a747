package dev.outboard.testkit.broken;

import dev.outboard.spi.NotifierProvider;
import dev.outboard.testkit.NotifierKit;

/** What the faults are made from keeps the contract. */
class PlainNotifierTest extends NotifierKit {
  @Override
  protected NotifierProvider provider() {
    return new BrokenNotifiersTest.Provider(PlainNotifier::new);
  }
}
