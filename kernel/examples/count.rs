use _kernel::tokenizer::{Split, Tokenizer};
use _kernel::vocabulary::Vocabulary;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let t = Tokenizer::new(Vocabulary::unpack(&std::fs::read(&a[1]).unwrap()).unwrap(), Split::new(&a[2]).unwrap());
    let s = std::fs::read_to_string(&a[3]).unwrap();
    let n: usize = a[4].parse().unwrap();
    for _ in 0..n {
        let t0 = std::time::Instant::now();
        let c = t.count(&s).unwrap();
        println!("{c} {:.0} MB/s", s.len() as f64 / 1e6 / t0.elapsed().as_secs_f64());
    }
}
