package dev.outboard.linux;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class EarlyBindingTest {
  @Test
  void allThatASidecarCallsIsThere() {
    assertTrue(EarlyBinding.bind());
  }
}
