package dev.outboard.integration.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import java.io.IOException;

/** Takes a value as the user wrote it: {@code 0600} stays text with its leading zero. */
public final class PlainText extends StdDeserializer<String> {
  private static final long serialVersionUID = 1L;

  PlainText() {
    super(String.class);
  }

  @Override
  public String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
    if (!parser.currentToken().isScalarValue()) {
      return (String) context.handleUnexpectedToken(String.class, parser);
    }
    return parser.getText();
  }
}
