package dev.outboard.integration.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.UserException;
import dev.outboard.integration.plugins.PluginBuilder;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.RoundTrips;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real daemon answers is what the OpenAPI file says, path by path and both ways. */
final class ApiContractTest {
  private static final String FILE = "classpath:dev/outboard/openapi.yaml";
  private static final Set<String> VERBS = Set.of("get", "put", "post", "delete", "patch");

  /** The validator warns of each keyword that is OpenAPI's and not JSON Schema's. */
  private static final Logger QUIET = Logger.getLogger("com.networknt.schema");

  static {
    QUIET.setLevel(Level.SEVERE);
  }

  private final JsonSchemaFactory schemas =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
  private final Set<String> seen = new TreeSet<>();
  private JsonNode contract;
  @TempDir private Path directory;
  private RunningDaemon daemon;
  private ApiClient client;

  @BeforeEach
  void start() throws IOException {
    contract =
        new YAMLMapper().readTree(getClass().getResourceAsStream("/dev/outboard/openapi.yaml"));
    Path config = directory.resolve("outboard.yaml");
    Files.writeString(
        config,
        """
        isolation: thread-per-vm
        workers: 4
        networks: [{id: 5, mtu: 1400}]
        uplinks: {wan: {transport: iouring, address: 127.0.0.8, port: 14789}}
        """);
    Files.createDirectories(directory.resolve("plugins/empty"));
    daemon = new RunningDaemon(directory, "--config", config.toString());
    client = new ApiClient(daemon.socket());
  }

  @AfterEach
  void stop() {
    if (daemon != null) {
      client.close();
      daemon.close();
    }
  }

  @Test
  void everyAnswerHasTheShapeThatIsPromised() throws IOException, UserException {
    check(200, "GET", "/", "/", "");
    check(200, "GET", "/guests", "/guests", "");
    check(404, "GET", "/guests/{id}", "/guests/a", "");
    check(404, "DELETE", "/guests/{id}", "/guests/a", "");
    JsonNode made =
        check(201, "PUT", "/guests/{id}", "/guests/a", "{\"addresses\": [\"10.0.0.1\"]}");
    assertEquals("10.0.0.1", made.path("addresses").path(0).asText());
    assertEquals("waiting", made.path("state").asText());
    check(409, "PUT", "/guests/{id}", "/guests/a", "");
    check(400, "PUT", "/guests/{id}", "/guests/b", "{\"addres\": 1}");
    check(201, "PUT", "/guests/{id}", "/guests/b", "{\"network\": 7, \"mode\": \"0660\"}");
    assertEquals(2, check(200, "GET", "/guests", "/guests", "").size());
    assertEquals(made, check(200, "GET", "/guests/{id}", "/guests/a", ""));
    assertEquals(2, check(200, "GET", "/stats", "/stats", "").path("guests").size());
    check(404, "PATCH", "/guests/{id}", "/guests/c", "{\"worker\": 3}");
    check(400, "PATCH", "/guests/{id}", "/guests/a", "{\"worker\": 4}");
    check(409, "PATCH", "/guests/{id}", "/guests/a", "{\"worker\": 1}");
    JsonNode moved = check(200, "PATCH", "/guests/{id}", "/guests/a", "{\"worker\": 3}");
    assertEquals(3, moved.path("worker").asInt());
    assertEquals(moved, check(200, "GET", "/guests/{id}", "/guests/a", ""));
    check(
        201,
        "PUT",
        "/guests/{id}",
        "/guests/mq",
        "{\"frontend\": \"qemu\", \"queues\": 2, \"priority\": \"bulk\"}");
    check(400, "PATCH", "/guests/{id}", "/guests/mq", "{\"workers\": [1, 2, 3]}");
    check(400, "PATCH", "/guests/{id}", "/guests/mq", "{\"workers\": [null]}");
    check(400, "PATCH", "/guests/{id}", "/guests/mq", "{\"worker\": 0, \"workers\": [1]}");
    int own = check(200, "GET", "/guests/{id}", "/guests/mq", "").path("worker").asInt();
    JsonNode spread =
        check(200, "PATCH", "/guests/{id}", "/guests/mq", "{\"workers\": [2, " + own + "]}");
    assertEquals("[2," + own + "]", spread.path("workers").toString());
    check(204, "DELETE", "/guests/{id}", "/guests/mq", "");
    check(204, "DELETE", "/guests/{id}", "/guests/a", "");
    check(404, "GET", "/guests/{id}", "/guests/a", "");
    checkRemotes();
    checkUplinks();
    checkSwaps();
    checkObservations();
    checkPlugins();
    check(200, "GET", "/transports", "/transports", "");
    ApiClient.Answer file = client.exchange("GET", "/openapi.yaml", "");
    assertEquals(contract, new YAMLMapper().readTree(file.body()));
    seen.add("GET /openapi.yaml 200");
    assertEquals(promised(), seen, "answers that are promised, and those that were checked");
  }

  private void checkRemotes() throws IOException, UserException {
    String body = "{\"uplink\": \"wan\", \"endpoint\": \"127.0.0.9\", \"network\": 5}";
    check(404, "GET", "/remotes/{id}", "/remotes/far", "");
    check(404, "DELETE", "/remotes/{id}", "/remotes/far", "");
    JsonNode made = check(201, "PUT", "/remotes/{id}", "/remotes/far", body);
    assertEquals("127.0.0.9", made.path("endpoint").asText());
    check(409, "PUT", "/remotes/{id}", "/remotes/far", body);
    check(400, "PUT", "/remotes/{id}", "/remotes/away", "{\"uplink\": \"wan\"}");
    assertEquals(made, check(200, "GET", "/remotes/{id}", "/remotes/far", ""));
    assertEquals(1, check(200, "GET", "/remotes", "/remotes", "").size());
    check(204, "DELETE", "/remotes/{id}", "/remotes/far", "");
    assertEquals(0, check(200, "GET", "/remotes", "/remotes", "").size());
  }

  private void checkUplinks() throws IOException, UserException {
    String body =
        """
        {"transport": "iouring", "settings": {"address": "127.0.0.8", "port": 14790}}\
        """;
    assertEquals(1, check(200, "GET", "/uplinks", "/uplinks", "").size());
    JsonNode made = check(201, "PUT", "/uplinks/{id}", "/uplinks/more", body);
    assertEquals("iouring", made.path("transport").asText());
    check(409, "PUT", "/uplinks/{id}", "/uplinks/more", body);
    check(400, "PUT", "/uplinks/{id}", "/uplinks/x", "{\"transport\": \"pigeons\"}");
    check(200, "GET", "/uplinks/{id}", "/uplinks/more", "");
    String remote = "{\"uplink\": \"more\", \"endpoint\": \"127.0.0.9\", \"network\": 5}";
    check(201, "PUT", "/remotes/{id}", "/remotes/far", remote);
    check(409, "DELETE", "/uplinks/{id}", "/uplinks/more", "");
    check(204, "DELETE", "/remotes/{id}", "/remotes/far", "");
    check(204, "DELETE", "/uplinks/{id}", "/uplinks/more", "");
    check(404, "DELETE", "/uplinks/{id}", "/uplinks/more", "");
    check(404, "GET", "/uplinks/{id}", "/uplinks/more", "");
    assertEquals(1, check(200, "GET", "/uplinks", "/uplinks", "").size());
  }

  private void checkSwaps() throws IOException, UserException {
    String guest = "/guests/{id}";
    check(201, "PUT", guest, "/guests/s", "{\"network\": 5}");
    String body = "{\"guests\": [\"s\"], \"to\": \"wan\", \"local_forwarding\": \"off\"}";
    String path = "/swaps/{id}";
    assertEquals(0, check(200, "GET", "/swaps", "/swaps", "").size());
    check(404, "GET", path, "/swaps/one", "");
    check(404, "DELETE", path, "/swaps/one", "");
    check(404, "PATCH", path, "/swaps/one", "{\"state\": \"committed\"}");
    check(400, "PUT", path, "/swaps/one", "{\"to\": \"wan\"}");
    check(400, "PUT", path, "/swaps/one", "{\"all\": true, \"to\": \"pigeons\"}");
    check(404, "PUT", path, "/swaps/one", "{\"guests\": [\"nobody\"], \"to\": \"wan\"}");
    JsonNode made = check(201, "PUT", path, "/swaps/one", body);
    assertEquals("prepared", made.path("state").asText());
    check(409, "PUT", path, "/swaps/one", body);
    check(409, "PATCH", path, "/swaps/one", "{\"state\": \"finished\"}");
    check(400, "PATCH", path, "/swaps/one", "{\"state\": \"done\"}");
    check(200, "PATCH", path, "/swaps/one", "{\"state\": \"committed\"}");
    assertEquals("wan", check(200, "GET", guest, "/guests/s", "").path("uplink").asText());
    assertEquals("committed", check(200, "GET", path, "/swaps/one", "").path("state").asText());
    assertEquals(1, check(200, "GET", "/swaps", "/swaps", "").size());
    check(204, "DELETE", path, "/swaps/one", "");
    assertTrue(check(200, "GET", guest, "/guests/s", "").path("local_forwarding").asBoolean());
    check(201, "PUT", path, "/swaps/two", body);
    check(200, "PATCH", path, "/swaps/two", "{\"state\": \"committed\"}");
    JsonNode finished = check(200, "PATCH", path, "/swaps/two", "{\"state\": \"finished\"}");
    assertEquals("s", finished.path("moved").path(0).asText());
    check(204, "DELETE", guest, "/guests/s", "");
  }

  private void checkObservations() throws IOException, UserException {
    String path = "/observations/{id}";
    check(404, "PUT", path, "/observations/o", "");
    check(201, "PUT", "/guests/{id}", "/guests/o", "{\"network\": 5}");
    check(404, "GET", path, "/observations/o", "");
    check(404, "DELETE", path, "/observations/o", "");
    assertEquals(0, check(200, "GET", "/observations", "/observations", "").size());
    JsonNode begun = check(201, "PUT", path, "/observations/o", "");
    assertEquals(0, RoundTrips.decode(begun.path("histogram").asText()).getTotalCount());
    assertEquals("o", check(200, "GET", path, "/observations/o", "").path("guest").asText());
    assertEquals(1, check(200, "GET", "/observations", "/observations", "").size());
    check(200, "DELETE", path, "/observations/o", "");
    check(201, "PUT", path, "/observations/o", "");
    check(204, "DELETE", "/guests/{id}", "/guests/o", "");
    assertEquals(0, check(200, "GET", "/observations", "/observations", "").size());
  }

  private void checkPlugins() throws IOException, UserException {
    assertEquals(1, check(200, "GET", "/plugins", "/plugins", "").size());
    check(404, "PUT", "/plugins/{id}", "/plugins/later", "");
    check(400, "PUT", "/plugins/{id}", "/plugins/a%20b", "");
    Files.createDirectories(directory.resolve("plugins/later"));
    check(409, "PUT", "/plugins/{id}", "/plugins/later", "");
    PluginBuilder.loopback(directory.resolve("plugins"), "later");
    check(201, "PUT", "/plugins/{id}", "/plugins/later", "");
    check(409, "PUT", "/plugins/{id}", "/plugins/later", "");
  }

  @Test
  void everyRouteIsInTheFileAndNothingElse() {
    Set<String> routes = new TreeSet<>();
    for (Route route : new Routes(null, null, null, null, null, null, null).all()) {
      routes.add(route.method() + " " + route.template());
    }
    Set<String> promised = new TreeSet<>();
    promised().forEach(answer -> promised.add(answer.substring(0, answer.lastIndexOf(' '))));
    assertEquals(promised, routes);
  }

  @Test
  void whatIsWrongIsSaidInOneLine() throws UserException, IOException {
    Map<String, String> bodies = new TreeMap<>();
    bodies.put("[]", "body: expected a set of keys");
    bodies.put("null", "the body must be a JSON object");
    bodies.put("{", "body: ");
    bodies.put("{\"nework\": 1}", "body: unknown key 'nework'; known: addresses, class, frontend,");
    bodies.put("{\"network\": \"1\"}", "body: network must be a whole number");
    bodies.put("{\"id\": \"b\"}", "id 'b' in the body is not the path's, 'a'");
    bodies.put("{\"mac\": \"x\"}", "mac: not a MAC address: 'x'");
    bodies.put("{\"uplink\": \"x\"}", "unknown uplink 'x'; known: wan");
    bodies.put("{\"socket\": \"x\"}", "socket 'x' must be an absolute path");
    bodies.put("{\"role\": \"client\", \"mode\": \"0600\"}", "mode is for role server");
    for (Map.Entry<String, String> body : bodies.entrySet()) {
      fault(400, body.getValue(), client.exchange("PUT", "/guests/a", body.getKey()));
    }
    fault(400, "worker or workers", client.exchange("PATCH", "/guests/a", "{}"));
    fault(400, "unknown key 'mac'", client.exchange("PATCH", "/guests/a", "{\"mac\": 1}"));
    fault(400, "id 'a b' is not a name", client.exchange("PUT", "/guests/a%20b", ""));
    fault(400, "Ambiguous URI", client.exchange("PUT", "/guests/..%2Fx", ""));
    fault(404, "no such path: /nothing", client.exchange("GET", "/nothing", ""));
    fault(404, "no such path: /guests/a/b", client.exchange("GET", "/guests/a/b", ""));
    fault(405, "/guests does not know POST; it knows GET", client.exchange("POST", "/guests", ""));
    fault(413, "larger than", client.exchange("PUT", "/guests/a", " ".repeat(70_000)));
    assertEquals(0, Json.api().readTree(client.exchange("GET", "/guests", "").body()).size());
  }

  private void fault(int status, String message, ApiClient.Answer answer) throws IOException {
    assertEquals(status, answer.status(), answer.body());
    JsonNode fault = Json.api().readTree(answer.body());
    assertValid(FILE + "#/components/schemas/Fault", fault);
    String said = fault.path("fault_message").asText();
    assertTrue(said.contains(message), said);
    assertEquals(1, said.lines().count(), said);
  }

  private JsonNode check(int status, String method, String template, String path, String body)
      throws IOException, UserException {
    ApiClient.Answer answer = client.exchange(method, path, body);
    assertEquals(status, answer.status(), answer.body());
    String at = "/paths/" + pointer(template) + "/" + lower(method) + "/responses/" + status;
    JsonNode promised = contract.at(at);
    if (promised.has("$ref")) {
      at = promised.path("$ref").asText().substring(1);
      promised = contract.at(at);
    }
    assertTrue(promised.isObject(), "no " + at);
    seen.add(method + " " + template + " " + status);
    if (!promised.has("content")) {
      assertEquals("", answer.body());
      return null;
    }
    assertEquals("application/json", answer.contentType());
    JsonNode value = Json.api().readTree(answer.body());
    assertValid(FILE + "#" + at + "/content/application~1json/schema", value);
    return value;
  }

  private void assertValid(String schema, JsonNode value) {
    SchemaValidatorsConfig config = SchemaValidatorsConfig.builder().build();
    Set<ValidationMessage> problems =
        schemas.getSchema(SchemaLocation.of(schema), config).validate(value);
    assertEquals(Set.of(), problems, value.toPrettyString());
  }

  private Set<String> promised() {
    Set<String> all = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : contract.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        if (VERBS.contains(method.getKey())) {
          for (Map.Entry<String, JsonNode> status :
              method.getValue().path("responses").properties()) {
            all.add(
                method.getKey().toUpperCase(Locale.ROOT)
                    + " "
                    + path.getKey()
                    + " "
                    + status.getKey());
          }
        }
      }
    }
    return all;
  }

  private static String pointer(String template) {
    return template.replace("~", "~0").replace("/", "~1");
  }

  private static String lower(String method) {
    return method.toLowerCase(Locale.ROOT);
  }
}
