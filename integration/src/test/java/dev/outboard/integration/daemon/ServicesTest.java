package dev.outboard.integration.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.integration.UserException;
import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.TransportProvider;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What is found on the class path, and that a name belongs to one of a kind. */
final class ServicesTest {
  @Test
  void transportsAndIsolationPoliciesAreFound() throws UserException {
    assertEquals(
        Set.of("dpdk", "iouring", "kernel-tcp", "tuntap"),
        Services.find(TransportProvider.class, "transport", TransportProvider::name).keySet());
    assertEquals(
        Set.of("shared", "thread-per-vm"),
        Services.find(IsolationPolicy.class, "isolation policy", IsolationPolicy::name).keySet());
  }

  @Test
  void aNameBelongsToOne() throws UserException {
    assertEquals(
        Set.of("a", "b"),
        Services.byName(List.of("b", "a"), "transport", Function.identity()).keySet());
    UserException error =
        assertThrows(
            UserException.class,
            () -> Services.byName(List.of("a", "a"), "transport", Function.identity()));
    assertTrue(
        error.getMessage().startsWith("two of the kind 'transport' are named 'a'"),
        error.getMessage());
  }
}
