// The AI SDK with its providers of OpenAI (chat, Responses, images) and Google.
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import * as ai from "ai";
import { z } from "zod";

const { PEER_BASE_URL: baseURL, PEER_KEY: apiKey } = process.env;
const HELLO = "hello there";
const openai = createOpenAI({ baseURL, apiKey });
const google = createGoogleGenerativeAI({ baseURL: baseURL.replace(/v1$/, "v1beta"), apiKey });
const models = [openai("gpt-4.1"), openai.chat("gpt-4.1"), google("gemini-2.5-pro")];
const options = { maxRetries: 0 };
const person = z.object({ name: z.string(), age: z.number() });
const generateImage = ai.generateImage ?? ai.experimental_generateImage;

function assert(value, words) {
  if (!value) throw new Error(words ?? "not as expected");
}

const probes = {
  async talk() {
    for (const model of models) {
      const { text } = await ai.generateText({ model, prompt: HELLO, ...options });
      assert(text.includes(HELLO), text);
    }
  },
  async stream() {
    for (const model of models) {
      let text = "";
      for await (const piece of ai.streamText({ model, prompt: HELLO, ...options }).textStream) {
        text += piece;
      }
      assert(text.includes(HELLO), text);
    }
  },
  async tools() {
    const weather = ai.tool({
      description: "The weather in a city",
      inputSchema: z.object({ city: z.string() }),
      execute: async () => "sunny",
    });
    for (const model of models) {
      const { toolResults } = await ai.generateText({
        model, prompt: "the weather in Paris?", tools: { weather }, ...options,
      });
      assert(toolResults.length === 1);
    }
  },
  async structured() {
    for (const model of models) {
      const output = ai.Output.object({ schema: person });
      const answer = await ai.generateText({ model, prompt: "a person", output, ...options });
      const value = answer.output ?? answer.experimental_output;
      assert(typeof value.age === "number");
    }
  },
  async image() {
    for (const name of ["gpt-image-2", "gpt-image-2.6-flare", "flux-kontext-pro"]) {
      const model = openai.image(name);
      const { image } = await generateImage({ model, prompt: "a cat", size: "64x64", ...options });
      assert(image.uint8Array.length > 100);
    }
  },
  async stop() {
    const { text } = await ai.generateText({
      model: openai.chat("gpt-4.1"), prompt: HELLO, stopSequences: ["there"], ...options,
    });
    assert(!text.includes("there"), text);
  },
};

const report = {};
for (const [name, probe] of Object.entries(probes)) {
  try {
    await probe();
    report[name] = "yes";
  } catch (error) {
    report[name] = `${error.name}: ${error.message}`.slice(0, 300);
  }
}
console.log(JSON.stringify(report));
