package dev.outboard.isolation;

import dev.outboard.spi.IsolationPolicy;
import dev.outboard.testkit.IsolationPolicyKit;

/** shared keeps the contract. */
class SharedTest extends IsolationPolicyKit {
  @Override
  protected IsolationPolicy policy() {
    return new Shared();
  }
}
