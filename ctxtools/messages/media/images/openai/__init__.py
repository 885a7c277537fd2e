"""OpenAI: older models count tiles of 512 pixels, newer ones patches of 32."""
