package dev.outboard.testkit;

/** How a worker learns that a guest's port has frames. */
interface GuestWakeRules {
  @Rule(
      id = "wake-1",
      says =
          "After a receive that found none, a watched fd or wake() tells the worker of the next"
              + " frame.")
  default void portsTellOfFrames(Bench bench) throws Exception {
    Waking.tells(bench);
  }

  @Rule(id = "wake-2", says = "No frame is overlooked that arrives while receive() finds none.")
  default void noWakeUpIsLost(Bench bench) throws Exception {
    Waking.race(bench);
  }
}
