package dev.outboard.integration.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import java.io.IOException;

/** Takes {@code on} and {@code off} beside {@code true} and {@code false}. */
public final class OnOff extends StdDeserializer<Boolean> {
  private static final long serialVersionUID = 1L;

  OnOff() {
    super(Boolean.class);
  }

  @Override
  public Boolean deserialize(JsonParser parser, DeserializationContext context) throws IOException {
    String text = parser.currentToken().isScalarValue() ? parser.getText() : "";
    return switch (text) {
      case "on", "true" -> true;
      case "off", "false" -> false;
      default -> (Boolean) context.handleWeirdStringValue(Boolean.class, text, "on or off");
    };
  }
}
