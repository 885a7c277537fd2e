#version 450

struct Light {
    vec3 color;
    float power;
};

layout(location = 0) in vec3 position;

// The light of a point.
vec3 shade(Light light, vec3 normal) {
    return light.color * light.power;
}

void main() {
    gl_Position = vec4(position, 1.0);
}
