package dev.outboard.isolation;

import dev.outboard.spi.IsolationPolicy;
import dev.outboard.testkit.IsolationPolicyKit;

/** thread-per-vm keeps the contract. */
class ThreadPerVmTest extends IsolationPolicyKit {
  @Override
  protected IsolationPolicy policy() {
    return new ThreadPerVm();
  }
}
