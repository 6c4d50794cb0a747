package dev.outboard.integration;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** Whether what commands write is what {@code docs} says of it. */
public final class Schemas {
  private Schemas() {}

  /**
   * What is wrong with it.
   *
   * @param name of the schema's file in {@code docs}
   */
  public static Set<String> violations(String name, JsonNode written) throws IOException {
    Path schema = Path.of(System.getProperty("outboard.root"), "docs", name);
    Set<String> violations = new TreeSet<>();
    JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
        .getSchema(Files.readString(schema))
        .validate(written)
        .forEach(violation -> violations.add(violation.getMessage()));
    return violations;
  }
}
