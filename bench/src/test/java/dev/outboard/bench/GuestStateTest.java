package dev.outboard.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Sizes of what a guest takes. */
class GuestStateTest {
  @Test
  void anArrayHasAHeaderAndIsFilledUpToEightBytes() {
    assertEquals(16, GuestState.arraySize(0, long.class));
    assertEquals(16 + 8 * 1024, GuestState.arraySize(1024, long.class));
    assertEquals(24, GuestState.arraySize(1, int.class));
    assertEquals(24, GuestState.arraySize(5, byte.class));
    assertEquals(24, GuestState.arraySize(2, Object.class));
  }
}
