package dev.sequitur.deploy.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A request to the API, taken apart.
 *
 * @param path its parts behind the API's root, decoded
 * @param query its parameters, decoded
 * @param rawPath as it came, with the API's root and the parameters
 * @param body as it came; empty for none
 * @param forwarded where another instance asks on someone's behalf, so that it is answered from what is here: of whom, see
 *     {@link Peers#FORWARDED}
 */
record Call(
        String method,
        List<String> path,
        Map<String, String> query,
        String rawPath,
        byte[] body,
        Optional<String> forwarded) {
    private static final int SHOWN = 80;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** @throws ApiException when it isn't encoded as addresses are */
    static Call of(String method, String path, String root, String query, byte[] body, Optional<String> forwarded) {
        List<String> parts = new ArrayList<>();
        String rest = path.length() > root.length() ? path.substring(root.length() + 1) : "";
        for (String part : rest.isEmpty() ? new String[0] : rest.split("/", -1)) {
            parts.add(decode(part, false));
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String parameter : query == null || query.isEmpty() ? new String[0] : query.split("&")) {
            int equals = parameter.indexOf('=');
            String name = decode(equals < 0 ? parameter : parameter.substring(0, equals), true);
            if (parameters.put(name, equals < 0 ? "" : decode(parameter.substring(equals + 1), true)) != null) {
                throw ApiException.wrong("The parameter '" + shown(name) + "' is there twice", "it once", "it twice");
            }
        }
        return new Call(method, parts, parameters, query == null ? path : path + "?" + query, body, forwarded);
    }

    private static String decode(String text, boolean plusIsSpace) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        byte[] raw = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] == '+' && plusIsSpace) {
                bytes.write(' ');
            } else if (raw[i] == '%') {
                boolean whole = i + 2 < raw.length;
                int high = whole ? Character.digit(raw[i + 1], 16) : -1;
                int low = whole ? Character.digit(raw[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw ApiException.wrong(
                            "The address isn't encoded rightly", "% and two hexadecimal digits", shown(text));
                }
                bytes.write(high * 16 + low);
                i += 2;
            } else {
                bytes.write(raw[i]);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ApiException.wrong("The address isn't encoded rightly", "UTF-8, each byte as %XX", shown(text));
        }
    }

    /** A text as a message shows it. */
    static String shown(String text) {
        return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    }

    /** Refuses parameters that the question doesn't have: a wrong one would be ignored in silence. */
    void allow(String... names) {
        for (String name : query.keySet()) {
            if (!List.of(names).contains(name)) {
                throw ApiException.wrong(
                        "There is no parameter '" + shown(name) + "' here",
                        names.length == 0 ? "none" : String.join(", ", new TreeSet<>(List.of(names))),
                        shown(name));
            }
        }
    }

    int number(String name, int least, int most, int otherwise) {
        String text = query.get(name);
        if (text == null) {
            return otherwise;
        }
        if (text.matches("[0-9]{1,9}")) {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        }
        throw ApiException.wrong("The parameter '" + name + "'", least + " to " + most, shown(text));
    }

    boolean truth(String name) {
        String text = query.getOrDefault(name, "false");
        if (!text.equals("true") && !text.equals("false")) {
            throw ApiException.wrong("The parameter '" + name + "'", "true or false", shown(text));
        }
        return text.equals("true");
    }

    /** The body as a JSON object; an empty one where there is no body. */
    JsonNode json() {
        if (body.length == 0) {
            return JsonNodeFactory.instance.objectNode();
        }
        try {
            JsonNode read = JSON.readTree(body);
            if (!read.isObject()) {
                throw ApiException.wrong("The body", "a JSON object", shown(read.toString()));
            }
            return read;
        } catch (JsonProcessingException e) {
            throw ApiException.wrong("The body can't be read", "a JSON object in UTF-8", e.getOriginalMessage());
        } catch (java.io.IOException e) {
            throw ApiException.wrong("The body can't be read", "a JSON object in UTF-8", e.getMessage());
        }
    }
}
