package dev.outboard.testkit;

/** How a worker learns that its port has frames. */
interface SharedWakeRules {
  @Rule(
      id = "arm-1",
      says = "After arm() was true, a watched fd or wake() tells the worker of the next frame.")
  default void armedPortsTellOfFrames(Bench bench) throws Exception {
    Waking.tells(bench);
  }

  @Rule(
      id = "arm-2",
      says = "arm() is false if there are frames already, or the worker is told of them.")
  default void armKeepsAwake(Bench bench) throws Exception {
    Waking.keepsAwake(bench);
  }

  @Rule(id = "arm-3", says = "No frame is overlooked that arrives while arm() is called.")
  default void noWakeUpIsLost(Bench bench) throws Exception {
    Waking.race(bench);
  }
}
