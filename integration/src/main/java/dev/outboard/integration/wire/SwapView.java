package dev.outboard.integration.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.outboard.engine.SwapStatus;
import java.util.List;
import java.util.Locale;

/** A swap as the API shows it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SwapView(
    String id,
    String state,
    String to,
    Boolean localForwarding,
    List<String> guests,
    List<String> moved) {

  /** What the engine knows of it. */
  public static SwapView of(SwapStatus status) {
    return of(status, status.state().name().toLowerCase(Locale.ROOT));
  }

  /** The same, with another word for how far it has come. */
  public static SwapView of(SwapStatus status, String state) {
    return new SwapView(
        status.id(),
        state,
        status.spec().to().orElse(null),
        status.spec().localForwarding().orElse(null),
        status.guests(),
        status.moved());
  }
}
