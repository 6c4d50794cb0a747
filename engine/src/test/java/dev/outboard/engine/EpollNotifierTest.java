package dev.outboard.engine;

import dev.outboard.spi.NotifierProvider;
import dev.outboard.testkit.NotifierKit;

/** epoll keeps the contract of notifiers. */
class EpollNotifierTest extends NotifierKit {
  @Override
  protected NotifierProvider provider() {
    return Engine.epoll();
  }
}
