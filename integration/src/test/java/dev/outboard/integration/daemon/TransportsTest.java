package dev.outboard.integration.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.integration.UserException;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which transports are found, and that a name belongs to one of them. */
final class TransportsTest {
  private record Named(String name) implements TransportProvider {
    @Override
    public Availability probe() {
      return Availability.yes();
    }

    @Override
    public List<Setting> settings() {
      return List.of();
    }

    @Override
    public Transport open(TransportContext context) throws TransportException {
      throw new TransportException("not for opening");
    }
  }

  @Test
  void aNameBelongsToOne() throws UserException {
    assertEquals(
        Set.of("a", "b"), Transports.byName(List.of(new Named("b"), new Named("a"))).keySet());
    UserException error =
        assertThrows(
            UserException.class, () -> Transports.byName(List.of(new Named("a"), new Named("a"))));
    assertTrue(error.getMessage().startsWith("two transports are named 'a'"), error.getMessage());
  }
}
